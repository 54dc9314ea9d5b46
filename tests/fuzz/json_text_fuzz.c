/* What is found in a text must be a part of it that the strict reader accepts, or be made so by
 * edits that lie in it; repairing must leave JSON alone, give what the strict reader accepts, and
 * be done after once. Work and memory are linear in the text. The first byte of the input chooses
 * the options. */
#include "base/check.h"
#include "document/json_extract.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Some fit and some do not, the same ones each time. */
static bool fits(void *context, const struct document *document)
{
    const unsigned *choice = context;

    return (document->count + *choice) % 3 != 0;
}

static void check_edits(const struct json_edit *edits, size_t count, size_t first, size_t last)
{
    CHECK(count <= JSON_EDITS_MAX);
    for (size_t i = 0; i < count; i++) {
        CHECK(edits[i].offset >= first && edits[i].offset <= last);
        CHECK(i == 0 || edits[i - 1].offset <= edits[i].offset);
        CHECK(json_edit_name(edits[i].kind)[0] != '\0');
    }
}

static bool unwrapped(const struct json_repair *repair)
{
    for (size_t i = 0; i < repair->edit_count; i++)
        if (repair->edits[i].kind == JSON_EDIT_UNWRAPPED)
            return true;
    return false;
}

static void check_repaired(struct text text, const struct json_repair *repair,
                           const struct json_repair_options *options, struct arena *arena)
{
    struct json_repair again, complete;
    struct json_repair_options stopped = *options;
    struct document document;

    check_edits(repair->edits, repair->edit_count, 0, text.len);
    CHECK(json_read(repair->text, options->limits, arena, &document, NULL, NULL));
    CHECK(document_equal(&document, 0, &repair->document, 0));
    CHECK(json_repair(repair->text, options, arena, &again, NULL, NULL));
    CHECK(again.edit_count == 0 && text_equal(again.text, repair->text));
    stopped.complete = true; /* has a say only where nothing else would do */
    CHECK(json_repair(text, &stopped, arena, &complete, NULL, NULL));
    CHECK(text_equal(complete.text, repair->text) || options->complete);
}

static void check_repair(struct text text, const struct json_repair_options *options,
                         struct arena *arena)
{
    struct document document;
    struct json_repair repair;
    struct error err = {0};
    size_t offset = SIZE_MAX;
    bool valid = json_read(text, options->limits, arena, &document, NULL, NULL);
    bool repaired = json_repair(text, options, arena, &repair, &offset, &err);

    CHECK(repaired || !valid);
    if (!repaired) {
        CHECK(offset <= text.len && err.code == ERROR_INVALID_JSON && err.message[0] != '\0');
        return;
    }
    if (valid && !unwrapped(&repair))
        CHECK(repair.edit_count == 0 && repair.text.at == text.at && repair.text.len == text.len);
    else
        CHECK(repair.edit_count > 0);
    check_repaired(text, &repair, options, arena);
}

static void check_found(struct text text, const struct json_extract *found,
                        const struct json_extract_options *options, struct arena *arena)
{
    struct text span = text_first(text_after(text, found->offset), found->len);
    const struct json_repair_options repairing = {
        .limits = options->limits, .roots = options->roots, .complete = options->complete};
    struct json_repair repair;
    struct document document;

    CHECK(found->offset <= text.len && found->len <= text.len - found->offset);
    CHECK(found->found > 0 && (found->found == 1 || found->fitting == 1));
    check_edits(found->edits, found->edit_count, found->offset, found->offset + found->len);
    if (found->edit_count == 0) {
        CHECK(json_read(span, options->limits, arena, &document, NULL, NULL));
        CHECK(document_equal(&document, 0, &found->document, 0));
        return;
    }
    CHECK(options->repair);
    CHECK(options->fits == NULL || fits(options->context, &found->document));
    CHECK(json_repair(span, &repairing, arena, &repair, NULL, NULL));
    CHECK(document_equal(&repair.document, 0, &found->document, 0));
}

static void check_extract(struct text text, const struct json_extract_options *options,
                          struct arena *arena)
{
    struct arena own = {0};
    struct json_extract found;
    struct error err = {0};

    if (json_extract(text, options, &own, &found, &err))
        check_found(text, &found, options, arena);
    else
        CHECK(found.found != 1 && err.code == ERROR_OUTPUT_NOT_JSON && err.message[0] != '\0');
    CHECK(found.work_bytes <= JSON_EXTRACT_WORK * text.len);
    CHECK(own.total_bytes <= 128 * text.len + (size_t)1024 * 1024);
    arena_release(&own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned roots[] = {0, 1u << CELL_OBJECT, 1u << CELL_INTEGER | 1u << CELL_STRING,
                                     1u << CELL_ARRAY | 1u << CELL_NULL};
    const struct json_limits open = {.depth = 1000, .nodes = JSON_UNLIMITED}, narrow = {.depth = 3};
    unsigned choice = size > 0 ? data[0] : 0;
    struct json_extract_options options = {.limits = choice & 1   ? &open
                                                     : choice & 2 ? &narrow
                                                                  : NULL,
                                           .roots = roots[choice >> 2 & 3],
                                           .fits = choice & 16 ? fits : NULL,
                                           .context = &choice,
                                           .repair = choice & 32,
                                           .complete = choice & 64};
    const struct json_repair_options repairing = {
        .limits = options.limits, .roots = options.roots, .complete = options.complete};
    struct arena arena = {0};
    size_t len = size > 0 ? size - 1 : 0;
    char *copy = malloc(len > 0 ? len : 1); /* of its own, so that reading beyond it is seen */

    CHECK(copy != NULL);
    if (len > 0)
        memcpy(copy, data + 1, len);
    check_repair((struct text){copy, len}, &repairing, &arena);
    check_extract((struct text){copy, len}, &options, &arena);
    arena_release(&arena);
    free(copy);
    return 0;
}
