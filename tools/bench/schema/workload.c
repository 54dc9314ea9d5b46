/* The lines of instances.jsonl are documents; those of invalid.jsonl hold one as a member, whose
 * bytes are taken out as they stand. */
#include "workload.h"

#include "document/json_read.h"

#include <stdio.h>
#include <stdlib.h>

static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

static void stop(const char *what, struct text name)
{
    fprintf(stderr, "bench_schema: %s: '%.*s'\n", what, TEXT_ARG(name));
    exit(1);
}

static struct text read_file(struct workload *it, const char *folder, const char *file)
{
    struct text path = arena_printf(&it->arena, "%s/%.*s/%s", folder, TEXT_ARG(it->name), file);
    FILE *stream = fopen(path.at, "rb");
    char *bytes;
    long size;

    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0 || (size = ftell(stream)) < 0)
        stop("cannot read", path);
    rewind(stream);
    bytes = arena_bytes(&it->arena, (size_t)size);
    if (fread(bytes, 1, (size_t)size, stream) != (size_t)size)
        stop("cannot read", path);
    fclose(stream);
    return (struct text){bytes, (size_t)size};
}

static struct document read_document(struct workload *it, struct text text)
{
    struct document document;

    if (!json_read(text, &limits, &it->arena, &document, NULL, NULL))
        stop("not JSON", text_first(text, 60));
    return document;
}

static struct text instance_of(struct workload *it, struct text line)
{
    struct document document = read_document(it, line);
    struct range range = document_range(&document, document_member(&document, 0, TEXT("instance")));

    return text_between(line.at + range.start.byte, line.at + range.end.byte);
}

static void take_samples(struct workload *it, struct samples *samples, struct text lines,
                         bool wrapped)
{
    size_t room = 0;

    for (size_t i = 0; i < lines.len; i++)
        room += lines.at[i] == '\n';
    samples->texts = ARENA_ARRAY(&it->arena, struct text, room + 1);
    samples->documents = ARENA_ARRAY(&it->arena, struct document, room + 1);
    while (lines.len > 0) {
        struct text line = text_split(&lines, '\n');

        if (line.len == 0)
            continue;
        if (wrapped)
            line = instance_of(it, line);
        samples->texts[samples->count] = line;
        samples->documents[samples->count++] = read_document(it, line);
        samples->bytes += (double)line.len;
    }
    if (samples->count == 0)
        stop("no documents", it->name);
    samples->bytes /= (double)samples->count;
}

static void expect_verdicts(struct workload *it, const struct samples *samples, bool valid)
{
    for (size_t i = 0; i < samples->count; i++) {
        if (schema_check(it->schema, &samples->documents[i], 0, &it->arena) != valid)
            stop(valid ? "refused" : "not refused", text_first(samples->texts[i], 60));
    }
}

void workload_load(struct workload *workload, const char *folder, const char *name)
{
    struct diagnostics *diagnostics;
    struct document *schema;

    *workload = (struct workload){.name = text_of(name)};
    diagnostics = ARENA_NEW(&workload->arena, struct diagnostics);
    diagnostics->arena = &workload->arena;
    schema = ARENA_NEW(&workload->arena, struct document);
    workload->schema_text = read_file(workload, folder, "schema-noformat.json");
    *schema = read_document(workload, workload->schema_text);
    workload->schema = schema_compile(schema, 0, &workload->arena, diagnostics);
    if (workload->schema == NULL)
        stop("the schema does not compile", workload->name);
    take_samples(workload, &workload->valid, read_file(workload, folder, "instances.jsonl"), false);
    take_samples(workload, &workload->invalid, read_file(workload, folder, "invalid.jsonl"), true);
    expect_verdicts(workload, &workload->valid, true);
    expect_verdicts(workload, &workload->invalid, false);
}
