/* Any bytes as what people do with one-time codes: ask for one, enter it, guess, come late, come twice, take the code
 * of another number or of another purpose. A tiny model knows which code may open which door; nothing else ever does, and
 * what may does.
 *   one step: a byte OP + 8 * NUMBER, a byte of its own */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "domain/identity/identity.h"
#include "port/ports.h"
#include "test/world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NUMBERS = 3, STEPS_MAX = 100, SECOND = 1000, HOUR = 3600 * SECOND };
typedef enum Purpose { LOGIN, RESET, PURPOSES } Purpose;
static const char *const purposes[PURPOSES] = { "login", "reset_password" };

typedef struct Sent {
    char code[CODE_DIGITS + 1]; /* empty: none, or used up */
    int64_t at, tries;
} Sent;
typedef struct Person {
    char phone[16];
    bool is_member;
    Sent sent[PURPOSES];
} Person;

static World *world;
static int64_t people_ever;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    world = world_open(DB_SQLITE, 1);
    return 0;
}

static void must(bool is_true, const char *what) {
    if (is_true) return;
    fprintf(stderr, "%s: %d %.*s\n", what, world->status, (int)world->body.len, world->body.at);
    abort();
}

static void post(const char *path, const char *text) {
    world_as(world, S(""));
    world_send(world, "POST", path, str_of(text));
    must(world->status < 500, "a defect");
    must(world->status < 400 || world->code.len > 0, "a refusal without a code");
}

static bool is_slowed(void) { return world->status == 429; }

/* ---- asking ---- */

static void remember(Person *p, Purpose purpose) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PortRecords records = { 0 };
    sms_fake_records(&world->app->ports->sms, &a, &records);
    for (int64_t i = 0; i < records.count; i++) {
        const char *at = records.items[i].text;
        if (strcmp(records.items[i].to, p->phone) != 0 || records.items[i].at != world->now) continue;
        while (*at != '\0' && strspn(at, "0123456789") < CODE_DIGITS) at++;
        must(*at != '\0', "a message without a code");
        p->sent[purpose] = (Sent){ .at = world->now };
        memcpy(p->sent[purpose].code, at, CODE_DIGITS);
        break;
    }
    arena_free(&a);
}

static void ask(Person *p, Purpose purpose) {
    char text[160];
    world_clock(world, world->now + 1); /* so that each message has an instant of its own */
    snprintf(text, sizeof text, "{\"phone\":\"%s\",\"purpose\":\"%s\"}", p->phone, purposes[purpose]);
    post("/v1/codes", text);
    must(world->status == 200 || is_slowed(), "a code was refused");
    if (world->status == 200) remember(p, purpose);
}

/* ---- entering ---- */

static bool opens(const Person *p, Purpose purpose, const char *code) {
    const Sent *sent = &p->sent[purpose];
    return sent->code[0] != '\0' && strcmp(sent->code, code) == 0 && sent->tries < CODE_TRIES_MAX &&
           world->now < sent->at + CODE_LIFE_MS;
}

static bool is_open(void) { return world->status >= 200 && world->status < 300; }

/* What an entry with `code` must come to; a try counts whether it was right or not. */
static void judge(Person *p, Purpose purpose, bool may, bool is_used_by_it) {
    Sent *sent = &p->sent[purpose];
    if (is_slowed()) return;
    must(may == is_open() || (may && str_is(world->code, "member.join_first")),
         may ? "the right code was refused" : "a door opened");
    sent->tries++;
    if (is_open() && is_used_by_it) sent->code[0] = '\0';
}

static void join(Person *p, const char *code) {
    char text[200];
    bool may = opens(p, LOGIN, code);
    snprintf(text, sizeof text, "{\"phone\":\"%s\",\"code\":\"%s\"}", p->phone, code);
    post("/v1/join", text);
    judge(p, LOGIN, may, true);
    if (is_open()) p->is_member = true;
}

static void log_in(Person *p, const char *code) {
    char text[200];
    bool may = opens(p, LOGIN, code);
    snprintf(text, sizeof text, "{\"phone\":\"%s\",\"code\":\"%s\"}", p->phone, code);
    post("/v1/member-login", text);
    must(!is_open() || p->is_member, "a stranger is in");
    if (p->is_member)
        judge(p, LOGIN, may, true);
    else if (!is_slowed())
        p->sent[LOGIN].tries++;
}

static void reset(Person *p, const char *code) {
    char text[240];
    bool may = opens(p, RESET, code) && p->is_member;
    snprintf(text, sizeof text, "{\"phone\":\"%s\",\"code\":\"%s\",\"password\":\"x-%d-yyyyyyy\"}", p->phone, code,
             (int)p->sent[RESET].tries);
    post("/v1/member-password", text);
    judge(p, RESET, may, true);
}

/* ---- one step ---- */

static void step(Person *people, uint8_t what, uint8_t more) {
    Person *p = &people[(what >> 3) % NUMBERS], *other = &people[((what >> 3) + 1) % NUMBERS];
    char guess[CODE_DIGITS + 1];
    char kept[CODE_DIGITS + 1];
    snprintf(guess, sizeof guess, "%06u", more * 3907u % 1000000u);
    switch (what & 7) {
    case 0:
        ask(p, LOGIN);
        return;
    case 1:
        ask(p, RESET);
        return;
    case 2:
        memcpy(kept, p->sent[LOGIN].code, sizeof kept);
        join(p, kept[0] != '\0' ? kept : guess);
        return;
    case 3:
        memcpy(kept, p->sent[LOGIN].code, sizeof kept);
        log_in(p, kept[0] != '\0' ? kept : guess);
        return;
    case 4:
        if (more % 4 == 0) {
            memcpy(kept, p->sent[RESET].code, sizeof kept);
            reset(p, kept[0] != '\0' ? kept : guess);
        }
        return;
    case 5:
        world_clock(world, world->now + more * 2 * SECOND);
        return;
    case 6:
        memcpy(kept, other->sent[more % PURPOSES].code, sizeof kept);
        join(p, kept[0] != '\0' ? kept : guess);
        return;
    default:
        join(p, guess);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Person people[NUMBERS] = { 0 };
    char last[CODE_DIGITS + 1] = "";
    world_clock(world, world->now + HOUR);
    for (int i = 0; i < NUMBERS; i++)
        snprintf(people[i].phone, sizeof people[i].phone, "139%08lld", (long long)(++people_ever % 100000000));
    for (size_t i = 0; i + 1 < size && i / 2 < STEPS_MAX; i += 2) {
        Person *p = &people[(data[i] >> 3) % NUMBERS];
        if (p->sent[LOGIN].code[0] != '\0') memcpy(last, p->sent[LOGIN].code, sizeof last);
        step(people, data[i], data[i + 1]);
        if (data[i + 1] % 16 == 15 && last[0] != '\0') join(p, last); /* whatever was right once */
    }
    return 0;
}
