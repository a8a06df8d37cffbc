/* `laoke quote` as a person at the shell uses it: out comes JSON, a table, or why not. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "main/cli.h"
#include "test/test.h"

static const char basket[] =
    "{\"lines\":[{\"line_no\":1,\"quantity\":3,\"unit_price_fen\":1900}],\"offers\":[{\"id\":\"7\",\"kind\":\"cash\","
    "\"name\":\"满102减20\",\"threshold_fen\":10200,\"off_fen\":2000}],\"coupons\":[{\"id\":\"1\",\"kind\":\"cash\","
    "\"name\":\"满50减10\",\"threshold_fen\":5000,\"off_fen\":1000}]}";

typedef struct Shell { Arena arena; char dir[32]; Str out; } Shell;

static void shell_open(Shell *s) {
    arena_init(&s->arena, ARENA_HARD_MAX);
    memcpy(s->dir, "/tmp/laoke-quote-XXXXXX", 24);
    assert_non_null(mkdtemp(s->dir));
}

static void shell_write(Shell *s, const char *text) {
    FILE *file = fopen(arena_print(&s->arena, "%s/basket.json", s->dir).at, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* In a process of its own, as the command line reads and writes its own files; both outputs together. */
static int shell_run(Shell *s, const char *option, Str value) {
    const char *out = arena_print(&s->arena, "%s/out", s->dir).at;
    char *argv[6] = { (char *)(uintptr_t)"laoke", (char *)(uintptr_t)"quote" };
    int argc = 2, status;
    argv[argc++] = (char *)(uintptr_t)arena_print(&s->arena, "%s/basket.json", s->dir).at;
    if (option != NULL) argv[argc++] = (char *)(uintptr_t)option;
    if (value.len > 0) argv[argc++] = (char *)(uintptr_t)arena_cstr(&s->arena, value);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(out, O_CREAT | O_TRUNC | O_WRONLY, 0600);
        if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0) _exit(99);
        _exit(cli_main(argc, argv));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    char text[16384];
    FILE *file = fopen(out, "r");
    assert_non_null(file);
    s->out = arena_str(&s->arena, (Str){ text, (int64_t)fread(text, 1, sizeof text, file) });
    fclose(file);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void shell_close(Shell *s) {
    unlink(arena_print(&s->arena, "%s/basket.json", s->dir).at);
    unlink(arena_print(&s->arena, "%s/out", s->dir).at);
    rmdir(s->dir);
    arena_free(&s->arena);
}

static bool says(Shell *s, const char *words) { return strstr(arena_cstr(&s->arena, s->out), words) != NULL; }

TEST_PURE(quote_prices_a_file_explains_it_and_checks_its_certificate) {
    Shell s = { 0 };
    shell_open(&s);
    shell_write(&s, basket);
    assert_int_equal(shell_run(&s, NULL, S("")), CLI_OK);
    assert_true(says(&s, "\"payable_fen\":4700") && says(&s, "\"optimal\":true"));
    assert_true(says(&s, "再买 45.00 元可用 满102减20"));
    const char *at = strstr(arena_cstr(&s.arena, s.out), "p1.");
    assert_non_null(at);
    Str certificate = { at, (int64_t)strcspn(at, "\"") };
    assert_int_equal(shell_run(&s, "--verify", certificate), CLI_OK);
    assert_int_equal(shell_run(&s, "--explain", S("")), CLI_OK);
    assert_true(says(&s, "步骤 step") && says(&s, "10.00") && says(&s, "47.00") && says(&s, "threshold.amount"));
    shell_write(&s, "{\"lines\":[{\"line_no\":1,\"quantity\":2,\"unit_price_fen\":1900}]}");
    assert_int_equal(shell_run(&s, "--verify", certificate), CLI_REFUSED);
    assert_true(says(&s, "promo.certificate"));
    shell_close(&s);
}

TEST_PURE(quote_refuses_what_it_cannot_read_or_price) {
    Shell s = { 0 };
    shell_open(&s);
    assert_int_equal(shell_run(&s, NULL, S("")), CLI_USAGE); /* no such file */
    shell_write(&s, "{\"lines\":[");
    assert_int_equal(shell_run(&s, NULL, S("")), CLI_REFUSED);
    shell_write(&s, "{\"lines\":[{\"line_no\":1,\"quantity\":1000000,\"unit_price_fen\":100000000000}]}");
    assert_int_equal(shell_run(&s, NULL, S("")), CLI_REFUSED);
    assert_true(says(&s, "promo.amount"));
    shell_close(&s);
}
