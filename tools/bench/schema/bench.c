/* The schema engine as a library, measured on request:
 *   bench_schema FOLDER WORKLOAD...
 * loads the workloads and answers each line "WORKLOAD MEASUREMENT" of its input with nanoseconds
 * per document, the least of a few batches. Who asks decides how measurements, and those of other
 * programs, take turns. "WORKLOAD bytes" and "WORKLOAD invalid-bytes" tell how long documents are.
 *
 * A pass takes all documents in turn, so that branch prediction cannot learn one of them; a batch
 * is as many passes as take some milliseconds. Verdicts are counted and must be right. */
#include "workload.h"

#include "base/check.h"
#include "document/json_read.h"

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <stdio.h>
#include <time.h>

enum { WORKLOADS_MAX = 32, BATCHES = 5, BATCH_NS = 3000000 };

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* One pass; returns how many documents were as expected. */
typedef size_t pass(const struct workload *it);

static size_t verdicts(const struct workload *it)
{
    struct arena arena = {0};
    size_t count = 0;

    for (size_t i = 0; i < it->valid.count; i++) {
        struct document document;

        count += json_read(it->valid.texts[i], NULL, &arena, &document, NULL, NULL) &&
                 schema_check(it->schema, &document, 0, &arena);
        arena_release(&arena);
    }
    return count;
}

static size_t reads(const struct workload *it)
{
    struct arena arena = {0};
    size_t count = 0;

    for (size_t i = 0; i < it->valid.count; i++) {
        struct document document;

        count += json_read(it->valid.texts[i], NULL, &arena, &document, NULL, NULL);
        arena_release(&arena);
    }
    return count;
}

static size_t checks(const struct workload *it)
{
    struct arena arena = {0};
    size_t count = 0;

    for (size_t i = 0; i < it->valid.count; i++)
        count += schema_check(it->schema, &it->valid.documents[i], 0, &arena);
    arena_release(&arena);
    return count;
}

static size_t explanations(const struct workload *it)
{
    struct arena arena = {0};
    struct violations violations;
    size_t count = 0;

    for (size_t i = 0; i < it->invalid.count; i++) {
        schema_explain(it->schema, &it->invalid.documents[i], 0, &arena, &violations);
        count += violations.total > 0;
        arena_clear(&arena); /* as for check, whose documents also share one */
    }
    arena_release(&arena);
    return count;
}

static size_t follow_in(const struct workload *it, size_t piece_bytes)
{
    struct arena arena = {0};
    size_t count = 0;

    for (size_t i = 0; i < it->valid.count; i++) {
        struct schema_follower *follower = schema_follow_open(it->schema, NULL, &arena);
        struct text rest = it->valid.texts[i];

        while (rest.len > 0) {
            schema_follow(follower, text_first(rest, piece_bytes));
            rest = text_after(rest, piece_bytes);
        }
        count += schema_follow_end(follower) == FOLLOWING_FITS;
        arena_release(&arena);
    }
    return count;
}

static size_t follows(const struct workload *it)
{
    return follow_in(it, SIZE_MAX);
}

static size_t follows_in_pieces(const struct workload *it)
{
    return follow_in(it, 20);
}

static size_t compilations(const struct workload *it)
{
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct document document;
    size_t count;

    diagnostics->arena = &arena;
    count = json_read(it->schema_text, NULL, &arena, &document, NULL, NULL) &&
            schema_compile(&document, 0, &arena, diagnostics) != NULL;
    arena_release(&arena);
    return count;
}

static size_t json_c_parses(const struct workload *it)
{
    struct json_tokener *tokener = json_tokener_new();
    size_t count = 0;

    for (size_t i = 0; i < it->valid.count; i++) {
        struct text text = it->valid.texts[i];
        struct json_object *object = json_tokener_parse_ex(tokener, text.at, (int)text.len);

        count += object != NULL;
        json_object_put(object);
        json_tokener_reset(tokener);
    }
    json_tokener_free(tokener);
    return count;
}

static const struct {
    struct text name;
    pass *run;
    bool invalid; /* its documents are those that do not satisfy the schema */
    bool once;    /* it is not about documents */
} measurements[] = {
    {TEXT_INIT("verdict"), verdicts, false, false},
    {TEXT_INIT("read"), reads, false, false},
    {TEXT_INIT("check"), checks, false, false},
    {TEXT_INIT("explain"), explanations, true, false},
    {TEXT_INIT("follow"), follows, false, false},
    {TEXT_INIT("follow-20"), follows_in_pieces, false, false},
    {TEXT_INIT("compile"), compilations, false, true},
    {TEXT_INIT("json-c"), json_c_parses, false, false},
};
enum { MEASUREMENTS = sizeof measurements / sizeof *measurements };

/* Least nanoseconds per document. */
static double measure(const struct workload *it, size_t index)
{
    size_t documents = measurements[index].once      ? 1
                       : measurements[index].invalid ? it->invalid.count
                                                     : it->valid.count;
    size_t passes = 0;
    double least = 0;
    uint64_t start = now_ns();

    do {
        CHECK(measurements[index].run(it) == documents);
        passes++;
    } while (now_ns() - start < BATCH_NS);
    for (int batch = 0; batch < BATCHES; batch++) {
        double spent;

        start = now_ns();
        for (size_t i = 0; i < passes; i++)
            CHECK(measurements[index].run(it) == documents);
        spent = (double)(now_ns() - start) / (double)(passes * documents);
        if (batch == 0 || spent < least)
            least = spent;
    }
    return least;
}

static bool answer(const struct workload *it, struct text wanted)
{
    if (text_equal(wanted, TEXT("bytes")))
        return printf("%f\n", it->valid.bytes) > 0;
    if (text_equal(wanted, TEXT("invalid-bytes")))
        return printf("%f\n", it->invalid.bytes) > 0;
    for (size_t i = 0; i < MEASUREMENTS; i++) {
        if (text_equal(wanted, measurements[i].name))
            return printf("%f\n", measure(it, i)) > 0;
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct workload workloads[WORKLOADS_MAX];
    size_t count = argc > 2 ? (size_t)argc - 2 : 0;
    char line[256];

    if (count == 0 || count > WORKLOADS_MAX) {
        fprintf(stderr, "usage: bench_schema FOLDER WORKLOAD...\n");
        return 2;
    }
    for (size_t i = 0; i < count; i++)
        workload_load(&workloads[i], argv[1], argv[i + 2]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct text wanted = text_trim(text_of(line)), name = text_split(&wanted, ' ');
        size_t at = 0;

        while (at < count && !text_equal(workloads[at].name, name))
            at++;
        if (at == count || !answer(&workloads[at], wanted))
            printf("unknown\n");
        fflush(stdout);
    }
    for (size_t i = 0; i < count; i++)
        arena_release(&workloads[i].arena);
    return 0;
}
