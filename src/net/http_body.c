/* Takes the body of a request: small ones into the arena, uploads into a spool file. A body past its limit is still
 * read for a while (DRAIN_MAX), because a client that is cut off while it sends never sees why. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "net/http_private.h"

static void refuse(Slot *s, const HttpRefusal *refusal) {
    if (s->refusal == NULL) s->refusal = refusal;
}

static void open_spool(Slot *s) {
    Str dir = s->server->config.spool_dir;
    Str path = arena_print(&s->arena, "%.*s/upload-XXXXXX", (int)dir.len, dir.at);
    s->spool_fd = mkostemp((char *)path.at, O_CLOEXEC);
    if (s->spool_fd < 0) {
        refuse(s, &http_no_room);
        return;
    }
    s->call.in.body_file = path;
}

void body_begin(Slot *s) {
    const HttpConfig *config = &s->server->config;
    s->body_max = HTTP_BODY_MAX;
    bool is_upload = config->is_upload != NULL && config->spool_dir.len > 0 &&
                     config->is_upload(s->call.in.method, s->call.in.path, config->user);
    if (is_upload) s->body_max = HTTP_UPLOAD_MAX;
    if (s->body_len > s->body_max) {
        refuse(s, &http_body_too_large);
        return;
    }
    if (is_upload) open_spool(s);
}

static bool spool_write(Slot *s, const char *data, size_t len) {
    if (atomic_fetch_add(&s->server->spool_total, (int64_t)len) + (int64_t)len > SPOOL_TOTAL_MAX) {
        atomic_fetch_sub(&s->server->spool_total, (int64_t)len);
        return false;
    }
    s->spooled += (int64_t)len;
    while (len > 0) {
        ssize_t done = write(s->spool_fd, data, len);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        data += done;
        len -= (size_t)done;
    }
    return true;
}

/* Room doubles; the limit bounds it, and a body whose length is said gets exactly that (at first no more than
 * BODY_FIRST, so that saying a length costs us nothing). */
static void keep(Slot *s, const char *data, size_t len) {
    int64_t have = s->received - (int64_t)len;
    if (s->received > s->body_room) {
        int64_t room = s->body_room == 0 ? BODY_FIRST : s->body_room * 2;
        if (room < s->received) room = s->received;
        if (s->body_len >= 0 && room > s->body_len) room = s->body_len;
        char *body = arena_take(&s->arena, room, 1);
        if (have > 0) memcpy(body, s->body, (size_t)have);
        s->body = body;
        s->body_room = room;
    }
    memcpy(s->body + have, data, len);
}

bool body_add(Slot *s, const char *data, size_t len) {
    s->received += (int64_t)len;
    int64_t grace_ms = 2 * s->server->idle_ms + s->received / RATE_LEAST * 1000;
    atomic_store_explicit(&s->conn->deadline_ms, s->body_began_ms + grace_ms, memory_order_relaxed);
    if (s->received > s->body_max) refuse(s, &http_body_too_large);
    if (s->refusal != NULL) return s->received <= s->body_max + DRAIN_MAX;
    if (s->call.in.body_file.len == 0)
        keep(s, data, len);
    else if (!spool_write(s, data, len))
        refuse(s, &http_no_room);
    return true;
}

void body_end(Slot *s) {
    s->call.in.body = (Str){ s->body, s->body == NULL ? 0 : s->received };
    if (s->spool_fd < 0) return;
    close(s->spool_fd);
    s->spool_fd = -1;
}

void body_forget(Slot *s) {
    if (s->spool_fd >= 0) close(s->spool_fd);
    s->spool_fd = -1;
    if (s->call.in.body_file.len > 0) unlink(s->call.in.body_file.at);
    if (s->spooled > 0) atomic_fetch_sub(&s->server->spool_total, s->spooled);
    s->spooled = 0;
}
