/* How fast bytes become cells: for every workload folder given, ns per document and MB/s of
 * json_read, and of json-c's json_tokener as a floor. All documents of a workload in turn, each
 * from a fresh copy of its bytes and into an arena that is cleared after it; batches of a few
 * milliseconds, the minimum of many, both readers interleaved.
 *
 *     bench_reader [-r ROUNDS] FOLDER...     (folders that hold an instances.jsonl) */
#include "document/json_read.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH_NS = 3000000, ROUNDS_DEFAULT = 40, LINES_MAX = 4096 };

struct workload {
    char *fresh; /* what is read: a copy made before every pass */
    struct text bytes;
    struct text lines[LINES_MAX];
    size_t count;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static char *slurp(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    size_t room = (size_t)64 << 20;
    char *bytes = malloc(room);

    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "bench_reader: cannot read %s\n", path);
        exit(1);
    }
    *out_len = fread(bytes, 1, room, file);
    fclose(file);
    return realloc(bytes, *out_len + 1);
}

static void load(struct workload *workload, const char *folder)
{
    char path[4096];
    size_t len;
    char *bytes;
    struct text rest;

    snprintf(path, sizeof path, "%s/instances.jsonl", folder);
    bytes = slurp(path, &len);
    *workload = (struct workload){.fresh = malloc(len + 1), .bytes = {bytes, len}};
    rest = (struct text){workload->fresh, len};
    memcpy(workload->fresh, bytes, len);
    while (rest.len > 0 && workload->count < LINES_MAX) {
        struct text line = text_split(&rest, '\n');

        if (line.len > 0)
            workload->lines[workload->count++] = line;
    }
}

typedef void pass(const struct workload *workload);

static void read_ours(const struct workload *workload)
{
    static struct arena arena;

    for (size_t i = 0; i < workload->count; i++) {
        struct document document;
        struct error err;

        if (!json_read(workload->lines[i], NULL, &arena, &document, NULL, &err)) {
            fprintf(stderr, "bench_reader: line %zu: %s: %s\n", i + 1, err.at, err.message);
            exit(1);
        }
        arena_clear(&arena);
    }
}

static void read_json_c(const struct workload *workload)
{
    struct json_tokener *tokener = json_tokener_new_ex(128);

    for (size_t i = 0; i < workload->count; i++) {
        json_tokener_reset(tokener);
        json_object_put(
            json_tokener_parse_ex(tokener, workload->lines[i].at, (int)workload->lines[i].len));
    }
    json_tokener_free(tokener);
}

/* Nanoseconds of one pass, from as many as fill a batch. */
static double time_passes(const struct workload *workload, pass *run)
{
    uint64_t start, spent = 0, wall = now_ns();
    unsigned passes = 0;

    do {
        memcpy(workload->fresh, workload->bytes.at, workload->bytes.len);
        start = now_ns();
        run(workload);
        spent += now_ns() - start;
        passes++;
    } while (now_ns() - wall < BATCH_NS);
    return (double)spent / passes;
}

static void measure(const char *folder, int rounds)
{
    static struct workload workload;
    double ours = 1e18, theirs = 1e18, bytes, documents;
    const char *name = strrchr(folder, '/');

    load(&workload, folder);
    for (int i = 0; i < rounds; i++) {
        double mine = time_passes(&workload, read_ours);
        double other = i < rounds / 4 + 1 ? time_passes(&workload, read_json_c) : theirs;

        ours = mine < ours ? mine : ours;
        theirs = other < theirs ? other : theirs;
    }
    bytes = (double)(workload.bytes.len - workload.count);
    documents = (double)workload.count;
    printf("%-12s %9.0f bytes  %9.0f ns  %7.0f MB/s   json-c %9.0f ns  %5.1f times\n",
           name ? name + 1 : folder, bytes / documents, ours / documents, bytes * 1e3 / ours,
           theirs / documents, theirs / ours);
    free(workload.fresh);
    free((void *)(uintptr_t)workload.bytes.at);
}

int main(int argc, char **argv)
{
    int rounds = ROUNDS_DEFAULT, first = 1;

    if (argc > 2 && strcmp(argv[1], "-r") == 0) {
        rounds = atoi(argv[2]);
        first = 3;
    }
    for (int i = first; i < argc; i++)
        measure(argv[i], rounds);
    return argc > first ? 0 : 2;
}
