/* assets - files that the binary serves itself (the API reader's page, later console and member app), embedded at
 * build time. */
#pragma once
#include <stdint.h>

/* path "/docs/swagger-ui.css" */
typedef struct Asset { const char *path; const unsigned char *at; int64_t len; } Asset;
extern const Asset assets_table[];
extern const int64_t assets_count;
