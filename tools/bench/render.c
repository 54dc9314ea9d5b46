/* bench_render [ROUNDS]: what it costs to make a prompt of an input. One line a case, in
 * nanoseconds a render, min / median / max of the rounds; each renders into the same memory again,
 * as a request does into its arena.
 *
 * "plain" is a template of literals and four variables, "sections" one with a list of twenty items,
 * a condition and a partial for each item; both make about 1 KiB. "text" puts in one value of 64
 * KiB: that is copying. "as declared" is what typed variables cost where the caller sent what they
 * are, "taken over" where every value was sent as a string. */
#include "base/check.h"
#include "document/json_read.h"
#include "render/partials.h"
#include "render/variables.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS_MAX = 1000, TIMES = 2000 };

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct document json(struct text source, struct arena *arena)
{
    struct document document;
    struct error err;

    CHECK(json_read(source, NULL, arena, &document, NULL, &err));
    return document;
}

struct bench {
    struct arena arena;
    struct template template;
    struct document input;
    const struct variables *variables; /* NULL: the template is rendered */
};

static void prepare(struct bench *bench, const char *template, struct text input)
{
    struct diagnostics *diagnostics = ARENA_NEW(&bench->arena, struct diagnostics);
    struct document *schema = ARENA_NEW(&bench->arena, struct document);
    struct partials partials = {.items = ARENA_NEW(&bench->arena, struct partial), .count = 1};
    struct template_use use = {.partials = &partials};

    diagnostics->arena = &bench->arena;
    *schema = json(TEXT("true"), &bench->arena);
    use.input = schema_compile(schema, 0, &bench->arena, diagnostics);
    partial_read(TEXT("row"),
                 document_of_text(TEXT("- {{number}}: {{text}}{{#last}} (the last){{/last}}\n"),
                                  TEXT("row"), &bench->arena),
                 &bench->arena, diagnostics, &partials.items[0]);
    partials_link(&partials, &bench->arena);
    CHECK(template_compile(document_of_text(text_of(template), TEXT("bench"), &bench->arena), 0,
                           &use, &bench->arena, diagnostics, &bench->template));
    bench->input = json(input, &bench->arena);
}

static size_t once(const struct bench *bench, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct error err;
    uint32_t at;

    if (bench->variables != NULL)
        return variables_apply(bench->variables, &bench->input, 0, arena, &at)->count;
    CHECK(template_render(&bench->template, &bench->input, 0, &out, &err));
    return out.len;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static void measure(const char *name, const struct bench *bench, size_t rounds)
{
    static uint64_t ns[ROUNDS_MAX];
    struct arena arena = {0};
    size_t made = 0;

    for (size_t round = 0; round < rounds; round++) {
        uint64_t start = now_ns();

        for (size_t i = 0; i < TIMES; i++) {
            made = once(bench, &arena);
            arena_clear(&arena);
        }
        ns[round] = (now_ns() - start) / TIMES;
    }
    qsort(ns, rounds, sizeof *ns, by_size);
    printf("%-12s %6llu / %6llu / %6llu ns, %zu %s\n", name, (unsigned long long)ns[0],
           (unsigned long long)ns[rounds / 2], (unsigned long long)ns[rounds - 1], made,
           bench->variables != NULL ? "cells" : "bytes");
    arena_release(&arena);
}

static void bench_template(const char *name, const char *template, struct text input, size_t rounds)
{
    struct bench bench = {0};

    prepare(&bench, template, input);
    measure(name, &bench, rounds);
    arena_release(&bench.arena);
}

static void bench_variables(const char *name, struct text input, size_t rounds)
{
    static const struct variable members[] = {
        {.name = TEXT_INIT("text"), .type = VARIABLE_STRING, .fallback = CELL_NONE},
        {.name = TEXT_INIT("pages"), .type = VARIABLE_INTEGER, .fallback = CELL_NONE},
        {.name = TEXT_INIT("share"), .type = VARIABLE_NUMBER, .fallback = CELL_NONE},
        {.name = TEXT_INIT("formal"), .type = VARIABLE_BOOLEAN, .fallback = CELL_NONE},
    };
    static const struct variables variables = {
        .root = {
            .type = VARIABLE_OBJECT, .fallback = CELL_NONE, .inside = members, .inside_count = 4}};
    struct bench bench = {.variables = &variables};

    bench.input = json(input, &bench.arena);
    measure(name, &bench, rounds);
    arena_release(&bench.arena);
}

static struct text list_input(struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out,
               TEXT("{\"title\":\"A list\",\"language\":\"English\",\"audience\":\"everybody\","
                    "\"lines\":["));
    for (int i = 0; i < 20; i++)
        buffer_printf(&out, "%s{\"number\":%d,\"text\":\"one of the lines there are\",\"last\":%s}",
                      i > 0 ? "," : "", i, i == 19 ? "true" : "false");
    buffer_put(&out, TEXT("]}"));
    return buffer_text(&out);
}

static struct text long_input(struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("{\"title\":\"T\",\"text\":\""));
    for (int i = 0; i < 4096; i++)
        buffer_put(&out, TEXT("sixteen letters "));
    buffer_put(&out, TEXT("\"}"));
    return buffer_text(&out);
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 50;
    struct arena arena = {0};

    if (rounds == 0 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_render [ROUNDS], at most %d\n", ROUNDS_MAX);
        return 2;
    }
    bench_template("plain",
                   "Condense the text below for {{audience}} readers. Every statement in your "
                   "answer must be in the text; keep names, numbers and dates exactly.\n"
                   "Answer in this language: {{language}}.\n\n{{title}}\n{{lines}}",
                   list_input(&arena), rounds);
    bench_template("sections",
                   "{{#title}}\n{{title}}, for {{audience}}:\n{{/title}}\n{{#lines}}\n  {{>row}}\n"
                   "{{/lines}}\n{{^lines}}\nNothing.\n{{/lines}}\n",
                   list_input(&arena), rounds);
    bench_template("text", "{{title}}\n\n{{text}}", long_input(&arena), rounds);
    bench_variables("as declared",
                    TEXT("{\"text\":\"x\",\"pages\":3,\"share\":0.5,\"formal\":true}"), rounds);
    bench_variables("taken over",
                    TEXT("{\"text\":1,\"pages\":\"3\",\"share\":\"0.5\",\"formal\":\"true\"}"),
                    rounds);
    arena_release(&arena);
    return 0;
}
