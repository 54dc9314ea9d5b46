/* The lenient pass proposes, the strict reader decides: what comes out of json_rewrite.c is read
 * like any other text, so a repair can never let through what the reader refuses. */
#include "document/json_repair.h"

#include "base/check.h"
#include "document/json_rewrite.h"

const char *json_edit_name(enum json_edit_kind kind)
{
    static const char *const names[] = {
#define X(name, word) [JSON_EDIT_##name] = word,
        JSON_EDITS(X)
#undef X
    };

    CHECK((unsigned)kind < JSON_EDIT_KIND_COUNT);
    return names[kind];
}

static bool rewrite_all(struct rewrite *rewrite, size_t *out_offset)
{
    bool whole = rewrite_value(rewrite) && rewrite_blank(rewrite) && rewrite->at == rewrite->end;

    *out_offset = (size_t)(rewrite->at - rewrite->start);
    return whole;
}

static bool wants_unwrapping(const struct json_repair *repair, unsigned roots)
{
    return repair->document.cells[0].type == CELL_STRING && !json_root_admits(roots, CELL_STRING) &&
           (roots & (1u << CELL_ARRAY | 1u << CELL_OBJECT)) != 0;
}

/* Puts the content of a string root in its place if it is JSON of a container that is wanted. */
static void unwrap(struct json_repair *repair, const struct json_repair_options *options,
                   struct rewrite *rewrite)
{
    struct text content = document_text(&repair->document, 0);
    struct document inner;
    enum cell_type type;

    if (!json_read(content, options->limits, rewrite->arena, &inner, NULL, NULL))
        return;
    type = (enum cell_type)inner.cells[0].type;
    if (type < CELL_ARRAY || !json_root_admits(options->roots, type))
        return;
    if (!rewrite_edit(rewrite, JSON_EDIT_UNWRAPPED, rewrite->start))
        return;
    repair->text = content;
    repair->document = inner;
}

bool json_repair(struct text text, const struct json_repair_options *options, struct arena *arena,
                 struct json_repair *out, size_t *out_offset, struct error *err)
{
    struct rewrite rewrite;
    size_t offset = text.len;

    if (text.len == 0)
        text.at = "";
    *out = (struct json_repair){.text = text};
    rewrite_init(&rewrite, options, arena);
    rewrite_start(&rewrite, text);
    if (!json_read(text, options->limits, arena, &out->document, NULL, err)) {
        bool rewritten = rewrite_all(&rewrite, &offset);

        if (out_offset != NULL)
            *out_offset = offset;
        out->text = buffer_text(&rewrite.out);
        if (!rewritten ||
            !json_read(out->text, options->limits, arena, &out->document, NULL, NULL)) {
            *out = (struct json_repair){0};
            return false;
        }
    }
    if (wants_unwrapping(out, options->roots))
        unwrap(out, options, &rewrite);
    out->edits = rewrite.edits;
    out->edit_count = rewrite.edit_count;
    return true;
}
