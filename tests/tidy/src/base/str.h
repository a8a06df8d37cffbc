/* str - words. */
#pragma once
typedef struct Str { const char *at; } Str;
