/* A schema and, behind a NUL, a caller's text: the demo provider ends, answers JSON, says the same
 * twice, and what it calls valid is valid. */
#include "base/check.h"
#include "demo/demo_instance.h"
#include "document/json_read.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_instance(struct text instance, const struct document *schema, bool valid,
                           struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct schema *compiled;
    struct document document;

    diagnostics->arena = arena;
    CHECK(json_read(instance, NULL, arena, &document, NULL, NULL));
    compiled = schema_compile(schema, 0, arena, diagnostics);
    CHECK(!valid || compiled == NULL || schema_check(compiled, &document, 0, arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size};
    struct text schema_text = text_split(&rest, '\0');
    const struct json_limits limits = {.depth = 40, .nodes = 500};
    struct arena arena = {0};
    struct document schema, caller;
    struct text first, again;
    bool valid = false, valid_again = false;

    /* The text is UTF-8 wherever it comes from: so let the reader of strings decide. */
    if (json_read(schema_text, &limits, &arena, &schema, NULL, NULL) &&
        json_read(arena_printf(&arena, "\"%.*s\"", TEXT_ARG(rest)), NULL, &arena, &caller, NULL,
                  NULL)) {
        first = demo_instance(&schema, 0, document_text(&caller, 0), &arena, &valid);
        again = demo_instance(&schema, 0, document_text(&caller, 0), &arena, &valid_again);
        CHECK(text_equal(first, again) && valid == valid_again);
        check_instance(first, &schema, valid, &arena);
    }
    arena_release(&arena);
    return 0;
}
