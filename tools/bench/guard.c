/* What guardrails cost: nanoseconds per KB of text, beside what it costs to see that the same bytes are
 * UTF-8. Texts as they come (prose, another script, JSON, numbers) and such as are made to be slow: of
 * each kind what its detector has to look at most. Rounds of all texts in turn, the least and the
 * median of them.
 *
 *     bench_guard [ROUNDS] */
#include "base/check.h"
#include "document/json_read.h"
#include "document/utf8.h"
#include "guard/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TEXT_BYTES = 64 * 1024, ROUNDS = 40, ROUNDS_MAX = 1000, WAYS = 4 };

static const struct {
    const char *name, *unit; /* what is repeated */
    bool json;
} texts[] = {
    {"prose", "The council met on Tuesday and approved the budget for the coming year, which nobody "
              "had expected; its members will meet again in the spring, on 12 March 2025. ", false},
    {"prose with findings", "Please write to ann.lee@example.com or call +49 30 901820 before the "
                            "end of the week, and have the card 4111 1111 1111 1111 at hand. ", false},
    {"Russian", "\xD0\xA1\xD0\xBE\xD0\xB2\xD0\xB5\xD1\x82 \xD1\x83\xD1\x82\xD0\xB2\xD0\xB5\xD1\x80"
                "\xD0\xB4\xD0\xB8\xD0\xBB \xD0\xB1\xD1\x8E\xD0\xB4\xD0\xB6\xD0\xB5\xD1\x82 \xD0\xBD"
                "\xD0\xB0 \xD0\xB3\xD0\xBE\xD0\xB4. ", false},
    {"JSON", "{\"id\":48213,\"name\":\"Lamp\",\"tags\":[\"new\",\"sale\"],\"price\":19.99,\"note\":"
             "\"Ships in two days\\nfrom Berlin\"},", true},
    {"numbers", "48213 1024 33.5 2024-05-01 12:30:45 7.25 100200300 17 ", false},
    {"one word without end", "abcdefghij", false},
    {"digits by themselves", "1 2 3 4 5 6 7 8 9 0 ", false},
    {"groups of four", "4111 1111 1111 1112 ", false},
    {"begun addresses", "a.b-c_d+e@f.", false},
    {"begun credentials", "sk-", false},
    {"begun tokens", "eyJ-", false},
    {"begun orders", "ignore all ", false},
    {"colons", "a:b::c:", false},
    {"brackets", "+((12)(34)) ", false},
    {"unseen characters", "a\xE2\x80\x8B", false},
};
enum { TEXT_COUNT = sizeof texts / sizeof *texts };

static const char *const ways[WAYS] = {"UTF-8 alone", "pii", "pii, secrets", "everything"};
static const char *const policies[WAYS] = {
    NULL, "{\"pii\":\"mask\"}", "{\"pii\":\"mask\",\"secrets\":\"redact\"}",
    "{\"pii\":\"mask\",\"secrets\":\"redact\",\"injection\":{\"input\":\"block\",\"threshold\":100},"
    "\"words\":{\"block\":[\"voldemort\",\"project x\"]},\"max_chars\":1000000}"};

static struct arena arena;
static struct guard_policy made[WAYS];
static double figures[TEXT_COUNT][WAYS][ROUNDS_MAX];

static void refuse(void *context, uint32_t cell, enum diagnostic_code code, const char *message,
                   const char *hint)
{
    (void)context, (void)cell, (void)code;
    fprintf(stderr, "bench_guard: %s; %s\n", message, hint);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static size_t look(struct text text, bool json, int way, struct arena *scratch)
{
    struct guard_masks masks = {.arena = scratch};
    struct guard guard = {
        .policy = &made[way], .side = GUARD_INPUT, .masks = &masks, .arena = scratch};
    struct text out;

    if (way == 0)
        return utf8_valid(text);
    guard_text(&guard, text, json, (struct text){0}, &out);
    return out.len;
}

static struct text repeated(const char *unit)
{
    struct buffer out = buffer_in(&arena);

    while (out.len < TEXT_BYTES)
        buffer_put(&out, text_of(unit));
    return buffer_text(&out);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void prepare(struct text *out_texts)
{
    for (int way = 1; way < WAYS; way++) {
        struct document *document = ARENA_NEW(&arena, struct document);

        CHECK(json_read(text_of(policies[way]), NULL, &arena, document, NULL, NULL));
        guard_policy_read(document, 0, &arena, refuse, NULL, &made[way]);
    }
    for (int i = 0; i < TEXT_COUNT; i++)
        out_texts[i] = repeated(texts[i].unit);
}

int main(int count, char **words)
{
    int rounds = count > 1 ? atoi(words[1]) : ROUNDS;
    struct text all[TEXT_COUNT];
    struct arena scratch = {0};
    size_t seen = 0;

    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_guard [ROUNDS], of which there are 1 to %d\n", ROUNDS_MAX);
        return 2;
    }
    prepare(all);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < TEXT_COUNT; i++)
            for (int way = 0; way < WAYS; way++) {
                uint64_t start = now_ns();

                seen += look(all[i], texts[i].json, way, &scratch);
                figures[i][way][round] =
                    (double)(now_ns() - start) * 1024 / (double)all[i].len;
                arena_clear(&scratch);
            }
    printf("%-22s", "ns per KB, least/median");
    for (int way = 0; way < WAYS; way++)
        printf("%16s", ways[way]);
    for (int i = 0; i < TEXT_COUNT; i++) {
        printf("\n%-23s", texts[i].name);
        for (int way = 0; way < WAYS; way++) {
            qsort(figures[i][way], (size_t)rounds, sizeof(double), by_size);
            printf("%8.0f/%7.0f", figures[i][way][0], figures[i][way][rounds / 2]);
        }
    }
    printf("\n");
    arena_release(&scratch);
    arena_release(&arena);
    return seen == 0;
}
