/* log - 日志: JSON lines, one per request and per event worth a line; private to app (others call log_line()).
 * Holds: nothing personal and no secret gets in: route patterns instead of paths, ids instead of names, no bodies. */
#pragma once
#include "app/app_state.h"

typedef struct Log Log;

/* is_kept: lines stay in memory (tests read them); else they go to `fd`: at once, or buffered after
 * log_thread_start(). */
Log *log_open(int fd, bool is_kept);
/* lines are collected and written every LOG_EVERY_MS; a full buffer drops and counts */
void log_thread_start(Log *log);
void log_close(Log *log);               /* writes the rest, ends the thread */
void log_add(Log *log, Str line);       /* one line without its line end */
int64_t log_dropped(Log *log);
Str log_text(Log *log, Arena *a);       /* what was kept */

/* The start of every line: {"at":…,"level":…,"event":… and who and where of c, with no closing brace. */
void log_head(Buf *b, const Ctx *c, const char *level, const char *event);
void log_send(const Ctx *c, Buf *b);    /* closes the brace and hands the line over */
