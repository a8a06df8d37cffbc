#include "port/ports.h"
#include "test/test.h"
#include "test/story.h"
#include "test/world_more.h"
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STORY_LINES_MAX = 4000, PATH_BYTES = 400, SHORT_LINE = 100 };

typedef struct Story {
    World *w;
    const char *name;
    StrList lines;
    int64_t at;                         /* the line that is being played */
    int64_t request_line;
    json_t *names;                      /* $name → text */
    json_t *people;                     /* role → token */
    Buf out;                            /* the file as UPDATE=1 writes it */
    bool is_update;
} Story;

__attribute__((format(printf, 2, 3))) _Noreturn static void stop(const Story *s, const char *format, ...) {
    char text[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    world_stop("tests/stories/%s.story:%lld: %s\n  answer %d: %.*s", s->name, (long long)s->at + 1, text, s->w->status,
               (int)s->w->body.len, s->w->body.at);
}

/* ---- where stories are ---- */

static bool stories_dir(char *ret_path) {
    char here[PATH_BYTES - 40];
    ssize_t len = readlink("/proc/self/exe", here, sizeof here - 1);
    if (access("tests/stories", R_OK) == 0) {
        snprintf(ret_path, PATH_BYTES, "tests/stories");
        return true;
    }
    for (here[len > 0 ? len : 0] = 0; strchr(here, '/'); *strrchr(here, '/') = 0) {
        snprintf(ret_path, PATH_BYTES, "%s/tests/stories", here);
        if (access(ret_path, R_OK) == 0) return true;
    }
    return false;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

StoryList story_list(void) {
    StoryList list = { 0 };
    char dir[PATH_BYTES];
    if (!stories_dir(dir)) return list;
    DIR *open = opendir(dir);
    for (struct dirent *entry; open && (entry = readdir(open));) {
        Str name = str_of(entry->d_name);
        if (!str_ends(name, S(".story"))) continue;
        list.items = realloc(list.items, (size_t)(list.count + 1) * sizeof *list.items);
        if (!list.items) abort();
        list.items[list.count++] = strndup(name.at, (size_t)name.len - strlen(".story"));
    }
    if (open) closedir(open);
    if (list.count > 0) qsort(list.items, (size_t)list.count, sizeof *list.items, by_name);
    return list;
}

void story_list_free(StoryList *list) {
    for (int64_t i = 0; i < list->count; i++) free(list->items[i]);
    free(list->items);
}

static Str file_read(Arena *a, const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) world_stop("cannot read %s", path);
    Buf b = { .arena = a };
    char part[4096];
    for (size_t len; (len = fread(part, 1, sizeof part, file)) > 0;) buf_add(&b, (Str){ part, (int64_t)len });
    fclose(file);
    return buf_str(&b);
}

/* ---- names ---- */

static bool is_name_char(char ch) { return isalnum((unsigned char)ch) || ch == '_'; }

/* $name becomes its value; an unknown name is a mistake of the story. */
static Str fill_names(Story *s, Str text) {
    Buf b = { .arena = &s->w->arena };
    for (int64_t i = 0; i < text.len;) {
        if (text.at[i] != '$' || i + 1 == text.len || !is_name_char(text.at[i + 1])) {
            buf_char(&b, text.at[i++]);
            continue;
        }
        int64_t from = ++i;
        while (i < text.len && is_name_char(text.at[i])) i++;
        const char *name = arena_cstr(&s->w->arena, str_slice(text, from, i));
        const json_t *value = json_object_get(s->names, name);
        if (!value) stop(s, "nothing is called $%s", name);
        buf_cstr(&b, json_string_value(value));
    }
    return buf_str(&b);
}

static void name_set(Story *s, const char *name, Str value) {
    json_object_set_new(s->names, name, json_stringn(value.at, (size_t)value.len));
}

static Str line_at(const Story *s, int64_t i) { return i < s->lines.count ? s->lines.items[i] : S(""); }

static bool is_inner(Str line) { return line.len > 1 && (line.at[0] == ' ' || line.at[0] == '\t'); }

/* The indented lines that follow, as one text. */
static Str block(Story *s, int64_t from, int64_t *ret_end) {
    Buf b = { .arena = &s->w->arena };
    while (from < s->lines.count && is_inner(s->lines.items[from]) &&
           !str_starts(str_trim(s->lines.items[from]), S("$"))) {
        buf_add(&b, str_trim(s->lines.items[from++]));
        buf_char(&b, '\n');
    }
    *ret_end = from;
    return str_trim(buf_str(&b));
}

/* ---- expected answers ---- */

/* Why `have` is not what was expected, or NULL. Objects: what is named must be there; lists: every item in order;
 * "*": anything. */
static const char *differs(Story *s, const json_t *want, const json_t *have, Str where) {
    Arena *a = &s->w->arena;
    if (json_is_string(want) && strcmp(json_string_value(want), "*") == 0) return have ? NULL : "is missing";
    if (!have) return arena_cstr(a, arena_print(a, "%.*s is missing", (int)where.len, where.at));
    if (json_is_object(want) && json_is_object(have)) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)want, key, value) {
            const char *why = differs(s, value, json_object_get(have, key),
                                      arena_print(a, "%.*s/%s", (int)where.len, where.at, key));
            if (why) return why;
        }
        return NULL;
    }
    if (json_is_array(want) && json_is_array(have) && json_array_size(want) == json_array_size(have)) {
        for (size_t i = 0; i < json_array_size(want); i++) {
            const char *why = differs(s, json_array_get(want, i), json_array_get(have, i),
                                      arena_print(a, "%.*s/%zu", (int)where.len, where.at, i));
            if (why) return why;
        }
        return NULL;
    }
    if (json_equal(want, have)) return NULL;
    char *is = json_dumps(have, JSON_ENCODE_ANY | JSON_COMPACT);
    char *should = json_dumps(want, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *why = arena_cstr(a, arena_print(a, "%.*s is %s, should be %s", (int)where.len, where.at, is, should));
    free(is);
    free(should);
    return why;
}

/* Ids become the names the story gave them, other ids "*". */
static json_t *tame(Story *s, const json_t *have) {
    if (!json_is_string(have)) return json_deep_copy(have);
    const char *key;
    json_t *value;
    json_object_foreach(s->names, key, value)
        if (json_string_length(value) >= 8 && json_equal(value, have))
            return json_string(arena_cstr(&s->w->arena, arena_print(&s->w->arena, "$%s", key)));
    int64_t number;
    Str text = str_of(json_string_value(have));
    bool is_id = text.len >= 15 && str_to_int(text, &number);
    return json_string(is_id || text.len >= 38 ? "*" : text.at);
}

/* The answer in the shape that was expected (everything, where nothing was said); known to be free to change: left
 * "*". */
static json_t *reshape(Story *s, const json_t *want, json_t *have) {
    if (json_is_string(want) && strcmp(json_string_value(want), "*") == 0) return json_string("*");
    if (json_is_object(have)) {
        json_t *out = json_object();
        bool is_whole = !json_is_object(want) || json_object_size(want) == 0;
        const char *key;
        json_t *value;
        json_object_foreach(is_whole ? have : (json_t *)(uintptr_t)want, key, value)
            if (json_object_get(have, key))
                json_object_set_new(out, key, reshape(s, json_object_get(want, key), json_object_get(have, key)));
        return out;
    }
    if (json_is_array(have)) {
        json_t *out = json_array();
        for (size_t i = 0; i < json_array_size(have); i++) {
            size_t like = json_array_size(want) == 1 ? 0 : i;
            json_array_append_new(out, reshape(s, json_array_get(want, like), json_array_get(have, i)));
        }
        return out;
    }
    return tame(s, have);
}

/* On one line where it fits, else one member or item per line. */
static void print_json(Buf *b, const json_t *json, int indent) {
    char *text = json_dumps(json, JSON_ENCODE_ANY);
    bool is_long = indent + (int)strlen(text) > SHORT_LINE && (json_is_object(json) || json_is_array(json));
    if (!is_long) buf_cstr(b, text);
    free(text);
    if (!is_long) return;
    const char *key, *between = "";
    json_t *value;
    size_t i;
    buf_char(b, json_is_object(json) ? '{' : '[');
    json_object_foreach((json_t *)(uintptr_t)json, key, value) {
        buf_print(b, "%s\n%*s\"%s\": ", between, indent + 2, "", key);
        print_json(b, value, indent + 2);
        between = ",";
    }
    json_array_foreach(json, i, value) {
        buf_print(b, "%s\n%*s", between, indent + 2, "");
        print_json(b, value, indent + 2);
        between = ",";
    }
    buf_print(b, "\n%*s%c", indent, "", json_is_object(json) ? '}' : ']');
}

static json_t *parse(Story *s, Str text) {
    json_error_t error;
    json_t *json = json_loadb(text.at, (size_t)text.len, JSON_DECODE_ANY, &error);
    if (!json) stop(s, "this is not JSON: %s", error.text);
    return json;
}

/* Why the answer is not what the lines from here say, or NULL. */
static const char *answer_differs(Story *s, int64_t status, Str code, const json_t *want) {
    Arena *a = &s->w->arena;
    if (s->w->status != status) return arena_cstr(a, arena_print(a, "the answer is %d", s->w->status));
    if (code.len > 0 && !str_equal(code, s->w->code))
        return arena_cstr(a, arena_print(a, "the code is %.*s", (int)s->w->code.len, s->w->code.at));
    return want ? differs(s, want, world_json(s->w), S("")) : NULL;
}

static void write_anew(Story *s, const json_t *want) {
    buf_print(&s->out, "= %d%s%.*s\n", s->w->status, s->w->code.len ? " " : "", (int)s->w->code.len, s->w->code.at);
    if (!want) return;
    json_t *shaped = reshape(s, want, world_json(s->w));
    buf_cstr(&s->out, "  ");
    print_json(&s->out, shaped, 2);
    buf_char(&s->out, '\n');
    json_decref(shaped);
}

static void copy_line(Story *s) {
    if (s->is_update) buf_print(&s->out, "%.*s\n", (int)line_at(s, s->at).len, line_at(s, s->at).at);
    s->at++;
}

/* "$name = /pointer" below an answer. */
static void keep_names(Story *s) {
    for (; is_inner(line_at(s, s->at)); copy_line(s)) {
        Str name, pointer;
        if (!str_cut(str_trim(line_at(s, s->at)), '=', &name, &pointer)) stop(s, "$name = /pointer was expected");
        const char *at = arena_cstr(&s->w->arena, str_trim(pointer));
        if (!world_has(s->w, at)) stop(s, "the answer has no %s", at);
        name = str_trim(name);
        name_set(s, arena_cstr(&s->w->arena, str_slice(name, 1, name.len)), world_text(s->w, at));
    }
}

/* "= 201" or "= 409 points.short", and the expected answer below it. With UPDATE=1 what is true already stays as it was
 * written. */
static void step_expect(Story *s, Str line) {
    Str status, code;
    str_cut(str_trim(str_slice(line, 1, line.len)), ' ', &status, &code);
    int64_t number = 0, end;
    if (!str_to_int(status, &number)) stop(s, "= needs a status");
    Str text = fill_names(s, block(s, s->at + 1, &end));
    json_t *want = text.len > 0 ? parse(s, text) : NULL;
    const char *why = answer_differs(s, number, str_trim(code), want);
    bool is_asked = want && json_is_object(want) && json_object_size(want) == 0;
    if (why && !s->is_update) {
        json_decref(want);
        stop(s, "%s", why);
    }
    if (s->is_update && (why || is_asked)) {
        write_anew(s, want);
        s->at = end;
    }
    while (s->at < end) copy_line(s);
    json_decref(want);
    keep_names(s);
}

/* ---- other steps ---- */

static void become(Story *s, Str who) {
    if (str_is(who, "nobody")) {
        world_as(s->w, S(""));
    } else if (str_is(who, "owner")) {
        world_as(s->w, s->w->owner_token);
    } else if (str_starts(who, S("$"))) {
        world_as(s->w, fill_names(s, who));
    } else {
        const char *role = arena_cstr(&s->w->arena, who);
        if (!json_object_get(s->people, role)) {
            Str token = world_staff(s->w, role);
            json_object_set_new(s->people, role, json_stringn(token.at, (size_t)token.len));
        }
        world_as(s->w, str_of(json_string_value(json_object_get(s->people, role))));
    }
}

/* "POST /v1/members as cashier", its body below it. Without `as` it is whoever asked last. */
static void step_request(Story *s, Str line) {
    int64_t end;
    Str method, path, who = { 0 }, rest;
    str_cut(line, ' ', &method, &rest);
    rest = str_trim(rest);
    int64_t as = str_find(rest, S(" as "));
    path = as >= 0 ? str_slice(rest, 0, as) : rest;
    if (as >= 0) who = str_trim(str_slice(rest, as + 4, rest.len));
    if (who.len > 0) become(s, who);
    Str body = fill_names(s, block(s, s->at + 1, &end));
    world_send(s->w, arena_cstr(&s->w->arena, method), arena_cstr(&s->w->arena, fill_names(s, path)), body);
    s->request_line = s->at;
    while (s->at < end) copy_line(s);
    if (!str_starts(line_at(s, s->at), S("="))) stop(s, "= STATUS must follow a request");
}

static void step_pass(Story *s, Str line) {
    static const struct { const char *unit; int64_t ms; } units[] = {
        { "day", 86400000 }, { "hour", 3600000 }, { "minute", 60000 }, { "second", 1000 },
    };
    Str first, count, unit;
    int64_t number;
    str_cut(line, ' ', &first, &count);
    str_cut(str_trim(count), ' ', &count, &unit);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (str_starts(unit, str_of(units[i].unit)) && str_to_int(count, &number)) {
            world_pass(s->w, number * units[i].ms);
            return;
        }
    stop(s, "pass 30 days | hours | minutes | seconds");
}

/* "header name: value" for the next request. */
static void step_header(Story *s, Str line) {
    Str name, value;
    if (!str_cut(str_trim(str_slice(line, 7, line.len)), ':', &name, &value)) stop(s, "header name: value");
    world_header(s->w, arena_cstr(&s->w->arena, str_trim(name)),
                 arena_cstr(&s->w->arena, fill_names(s, str_trim(value))));
}

/* "code 13800000001" or "code 13800000001 change_phone": whoever asked last has a one-time code sent there, and it is
 * $code. The clock moves past the wait between two codes. */
static void step_code(Story *s, Str line) {
    enum { WAIT_MS = 61000, DIGITS = 6 };
    World *w = s->w;
    Str to, purpose;
    str_cut(fill_names(s, str_trim(str_slice(line, 5, line.len))), ' ', &to, &purpose);
    if (purpose.len == 0) purpose = S("login");
    world_pass(w, WAIT_MS);
    world_post(w, "/v1/codes", "{\"phone\":\"%.*s\",\"purpose\":\"%.*s\"}", (int)to.len, to.at, (int)purpose.len,
               purpose.at);
    if (w->status != 200) stop(s, "no code was sent");
    PortRecords sent = { 0 };
    sms_fake_records(&w->app->ports->sms, &w->arena, &sent);
    for (int64_t i = 0; i < sent.count; i++) {
        const char *at = sent.items[i].text;
        if (!str_is(to, sent.items[i].to)) continue;
        while (*at != '\0' && strspn(at, "0123456789") < DIGITS) at++;
        if (*at == '\0') continue;
        name_set(s, "code", (Str){ at, DIGITS });
        return;
    }
    stop(s, "no code reached %.*s", (int)to.len, to.at);
}

static bool is_method(Str line) {
    return str_starts(line, S("GET ")) || str_starts(line, S("POST ")) || str_starts(line, S("PUT ")) ||
           str_starts(line, S("PATCH ")) || str_starts(line, S("DELETE "));
}

static void step(Story *s) {
    Str line = str_trim(line_at(s, s->at));
    if (is_method(line)) {
        step_request(s, line);
        return;
    }
    if (str_starts(line, S("="))) {
        step_expect(s, line);
        return;
    }
    if (line.len == 0 || line.at[0] == '#') {
    } else if (str_starts(line, S("pass "))) {
        step_pass(s, line);
    } else if (str_is(line, "settle")) {
        world_settle(s->w);
    } else if (str_is(line, "holds")) {
        world_holds(s->w);
    } else if (str_is(line, "restart")) {
        world_restart(s->w);
    } else if (str_starts(line, S("key "))) {
        world_key(s->w, arena_cstr(&s->w->arena, str_trim(str_slice(line, 4, line.len))));
    } else if (str_starts(line, S("header "))) {
        step_header(s, line);
    } else if (str_starts(line, S("code "))) {
        step_code(s, line);
    } else {
        stop(s, "this line is no step");
    }
    copy_line(s);
}

static void split_lines(Story *s, Str text) {
    s->lines.items = NEW_LIST(&s->w->arena, Str, STORY_LINES_MAX);
    while (text.len > 0) {
        Str line, rest;
        str_cut(text, '\n', &line, &rest);
        if (s->lines.count == STORY_LINES_MAX) world_stop("%s: more than %d lines", s->name, STORY_LINES_MAX);
        s->lines.items[s->lines.count++] = line;
        text = rest;
    }
}

void story_run(World *w, const char *name) {
    char dir[PATH_BYTES], path[PATH_BYTES + 200];
    if (!stories_dir(dir)) world_stop("tests/stories is not here");
    snprintf(path, sizeof path, "%s/%s.story", dir, name);
    Story s = { .w = w, .name = name, .names = json_object(), .people = json_object(), .out.arena = &w->arena };
    s.is_update = getenv("UPDATE") != NULL;
    split_lines(&s, file_read(&w->arena, path));
    name_set(&s, "shop", arena_print(&w->arena, "%lld", (long long)w->shop_id));
    name_set(&s, "merchant", arena_print(&w->arena, "%lld", (long long)w->merchant_id));
    while (s.at < s.lines.count) step(&s);
    if (s.is_update) {
        FILE *file = fopen(path, "w");
        Str text = buf_str(&s.out);
        if (!file || fwrite(text.at, 1, (size_t)text.len, file) != (size_t)text.len)
            world_stop("cannot write %s", path);
        fclose(file);
    }
    json_decref(s.names);
    json_decref(s.people);
}
