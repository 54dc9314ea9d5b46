#include "schema/output.h"

#include "document/json_write.h"
#include "schema/describe.h"

/* A unit up to what it is about: {"valid":...,"keywordLocation":...,... */
static void begin_unit(struct buffer *buffer, bool valid, struct text keyword, struct text absolute,
                       struct text instance)
{
    buffer_put(buffer, valid ? TEXT("{\"valid\":true") : TEXT("{\"valid\":false"));
    json_put_text(buffer, "keywordLocation", keyword);
    if (absolute.len > 0)
        json_put_text(buffer, "absoluteKeywordLocation", absolute);
    json_put_text(buffer, "instanceLocation", instance);
}

static void put_errors(struct buffer *buffer, const struct violations *violations)
{
    json_put_name(buffer, "errors");
    buffer_put_byte(buffer, '[');
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *it = &violations->items[i];

        if (i > 0)
            buffer_put_byte(buffer, ',');
        begin_unit(buffer, false, text_after(it->schema_path, 1), it->schema_at, it->instance_path);
        json_put_text(buffer, "error", it->message);
        buffer_put_byte(buffer, '}');
    }
    buffer_put_byte(buffer, ']');
}

static void put_annotation(struct buffer *buffer, const struct run *run, uint32_t root,
                           const struct annotation *it)
{
    char places[3][POINTER_BYTES + 1] WORDS_UNSET;
    struct words keyword, absolute, instance;
    const struct document *schema = run->schema->document;

    words_begin(&keyword, places[0], POINTER_BYTES);
    words_begin(&absolute, places[1], POINTER_BYTES);
    words_begin(&instance, places[2], POINTER_BYTES);
    describe_path(&keyword, it->path);
    words_put_token(&keyword, document_text(schema, it->key));
    describe_location(&absolute, run->schema, it->key);
    words_put_pointer(&instance, run->cells, root, it->at);
    begin_unit(buffer, true, words_end(&keyword), words_end(&absolute), words_end(&instance));
    json_put_name(buffer, "annotation");
    json_put_cell(buffer, schema, it->key + 1);
    buffer_put_byte(buffer, '}');
}

static void put_annotations(struct buffer *buffer, const struct schema *schema,
                            const struct document *document, uint32_t at, struct arena *arena)
{
    struct annotations annotations = {0};
    struct run run;

    run_init(&run, schema, document, arena, EXPLAIN_STEPS_MAX);
    run.plain_only = true;
    run.annotations = &annotations;
    plain_node(&run, 0, &(struct visit){.at = at});
    if (annotations.count == 0)
        return;
    json_put_name(buffer, "annotations");
    buffer_put_byte(buffer, '[');
    for (size_t i = 0; i < annotations.count; i++) {
        if (i > 0)
            buffer_put_byte(buffer, ',');
        put_annotation(buffer, &run, at, &annotations.items[i]);
    }
    buffer_put_byte(buffer, ']');
}

bool schema_output(const struct schema *schema, const struct document *document, uint32_t at,
                   enum output_form form, struct arena *arena, struct buffer *buffer)
{
    bool valid = schema_check(schema, document, at, arena);
    struct violations *violations;
    char place[POINTER_BYTES + 1] WORDS_UNSET;
    struct words absolute;

    if (form == OUTPUT_FLAG) {
        buffer_put(buffer, valid ? TEXT("{\"valid\":true}") : TEXT("{\"valid\":false}"));
        return valid;
    }
    words_begin(&absolute, place, POINTER_BYTES);
    describe_location(&absolute, schema, schema->root);
    begin_unit(buffer, valid, TEXT(""), words_end(&absolute), TEXT(""));
    if (valid) {
        put_annotations(buffer, schema, document, at, arena);
    } else {
        violations = ARENA_NEW(arena, struct violations);
        schema_explain(schema, document, at, arena, violations);
        put_errors(buffer, violations);
    }
    buffer_put_byte(buffer, '}');
    return valid;
}
