/* A compiled schema is const: any number of threads run it at once. Built with the preset `tsan`
 * this shows that they share nothing they write to. */
#include "unit.h"

#include "document/json_read.h"
#include "schema/output.h"
#include "schema/schema.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 50 };

/* Something of everything that could be tempted to keep state: patterns, formats, sets of strings,
 * tags, marks, memory of verdicts, equality of items. */
static const char schema_text[] =
    "{\"$defs\": {\"node\": {\"$dynamicAnchor\": \"node\", \"type\": \"object\", \"properties\": {"
    " \"kind\": {\"enum\": [\"a\", \"b\", \"c\"]}, \"name\": {\"pattern\": "
    "\"^(?=\\\\p{L})[a-z]+$\"},"
    " \"code\": {\"pattern\": \"^[A-Z]{3}-\\\\d{6}$\"},"
    " \"on\": {\"format\": \"date-time\"}, \"re\": {\"format\": \"regex\"},"
    " \"price\": {\"multipleOf\": 0.01, \"maximum\": 1e400},"
    " \"next\": {\"$dynamicRef\": \"#node\"},"
    " \"any\": {\"oneOf\": [{\"required\": [\"t\"], \"properties\": {\"t\": {\"const\": \"x\"}}},"
    "   {\"required\": [\"t\"], \"properties\": {\"t\": {\"const\": \"y\"}}}]},"
    " \"list\": {\"uniqueItems\": true, \"contains\": {\"type\": \"integer\"},"
    "   \"anyOf\": [{\"prefixItems\": [true]}, {\"items\": {\"minLength\": 2}}],"
    "   \"unevaluatedItems\": {\"type\": [\"integer\", \"string\"]}}},"
    " \"unevaluatedProperties\": false}}, \"$ref\": \"#/$defs/node\"}";

static const struct {
    const char *text;
    size_t wrong;
} documents[] = {
    {"{\"kind\": \"a\", \"name\": \"abc\", \"code\": \"ABC-123456\", \"price\": 12.34,"
     " \"on\": \"2026-01-31T09:30:00Z\", \"re\": \"^a\", \"any\": {\"t\": \"y\"},"
     " \"list\": [1, \"22\", 3.5e1], \"next\": {\"kind\": \"c\", \"next\": {}}}",
     0},
    {"{\"kind\": \"A\", \"name\": \"ABC\", \"code\": \"abc\", \"price\": 12.345,"
     " \"on\": \"yesterday\", \"re\": \"(\", \"any\": {\"t\": \"z\"}, \"list\": [1, \"22\", 1.0],"
     " \"extra\": 1, \"next\": {\"kind\": \"d\", \"next\": 1}}",
     11},
};

struct shared {
    const struct schema *schema;
    struct document documents[2];
};

/* Whether the text fits when it comes in pieces of seven bytes. */
static bool fits(const struct schema *schema, struct text text, struct arena *arena)
{
    struct schema_follower *follower = schema_follow_open(schema, NULL, arena);

    for (; text.len > 0; text = text_after(text, 7))
        schema_follow(follower, text_first(text, 7));
    return schema_follow_end(follower) == FOLLOWING_FITS;
}

static void *run(void *context)
{
    const struct shared *shared = context;
    size_t wrong = 0;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < 2; i++) {
            const struct document *document = &shared->documents[i];
            struct arena arena = {0};
            struct violations violations;
            struct buffer out = buffer_in(&arena);
            bool holds = schema_check(shared->schema, document, 0, &arena);

            schema_explain(shared->schema, document, 0, &arena, &violations);
            violations_locate(&violations, document);
            wrong += holds != (documents[i].wrong == 0) || violations.total != documents[i].wrong;
            wrong += fits(shared->schema, document->source, &arena) != holds;
            wrong +=
                schema_output(shared->schema, document, 0, OUTPUT_BASIC, &arena, &out) != holds;
            arena_release(&arena);
        }
    }
    return wrong == 0 ? NULL : context;
}

TEST(many_threads_check_explain_and_follow_by_one_schema)
{
    struct shared shared;
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct document schema_document;
    pthread_t threads[THREADS];
    struct error error;

    EXPECT(json_read(text_of(schema_text), NULL, &arena, &schema_document, NULL, &error));
    for (size_t i = 0; i < 2; i++)
        EXPECT(json_read(text_of(documents[i].text), NULL, &arena, &shared.documents[i], NULL,
                         &error));
    shared.schema = schema_compile(&schema_document, 0, &arena, &diagnostics);
    EXPECT(shared.schema != NULL);
    for (int i = 0; i < THREADS; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, run, &shared), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;

        EXPECT_EQ(pthread_join(threads[i], &wrong), 0);
        EXPECT(wrong == NULL);
    }
    arena_release(&arena);
}
