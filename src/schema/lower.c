/* Forms are made when something leads to them and filled one after another, so neither the nesting
 * of a schema nor its references cost recursion; then the graph is settled and written. What was
 * written is asked whether the dialect takes it, so that no mistake of ours is sent. */
#include "schema/lower_form.h"

#include "document/json_read.h"

#include <stdlib.h>

enum { LOWER_STEPS = 10 * 1000 * 1000, DROPS_TOLD = 8 };

static struct lower_form *make_forms(struct lowering *it)
{
    struct place place = {0};
    struct lower_form *root;

    place_add(it->schema, &place, 0, false);
    root = place_form(it, &place, 1);
    for (size_t i = 0; i < it->form_count && it->reason.len == 0; i++)
        lower_fill(it, it->forms[i]);
    return root;
}

static bool takes_written(struct lowering *it, struct text text)
{
    static const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    struct document document;
    const char *problem;

    if (!json_read(text, &limits, it->scratch, &document, NULL, NULL))
        return lower_fail(it, NULL, "it is nested too deeply");
    return lower_dialect_takes(it->dialect, &document, 0, &problem) ||
           lower_fail(it, NULL, problem);
}

static int by_cell(const void *a, const void *b)
{
    uint32_t one = ((const struct lower_drop *)a)->cell,
             other = ((const struct lower_drop *)b)->cell;

    return one < other ? -1 : one > other;
}

static void finish(struct lowering *it, const struct lower_form *root, struct text text,
                   struct lowered *out)
{
    bool expressed = it->reason.len == 0;

    if (it->drop_count > 0)
        qsort(it->drops, it->drop_count, sizeof *it->drops, by_cell);
    *out = (struct lowered){
        .text = expressed ? text : (struct text){0},
        .reason = it->reason,
        .reason_cell = it->reason_cell,
        .drops = it->drops,
        .drop_count = it->drop_count,
        .writes_nulls = it->writes_nulls,
        .form = expressed ? root : NULL,
        .schema = it->schema,
    };
}

bool schema_lower(const struct schema *schema, const struct lower_dialect *dialect,
                  struct arena *arena, struct lowered *out)
{
    struct arena scratch = {0};
    struct lowering it = {
        .schema = schema,
        .dialect = dialect,
        .arena = arena,
        .scratch = &scratch,
        .steps_left = LOWER_STEPS,
        .patterns = {.arena = &scratch},
        .dropped = ARENA_ARRAY(&scratch, bool, schema->document->count),
        .reason_cell = CELL_NONE,
    };
    struct buffer text = buffer_in(arena);
    struct lower_form *root = make_forms(&it);

    if (it.reason.len == 0)
        root = lower_settle(&it, root);
    if (it.reason.len == 0 && lower_write(&it, root, &text))
        takes_written(&it, buffer_text(&text));
    finish(&it, root, buffer_text(&text), out);
    arena_release(&scratch);
    return out->form != NULL;
}

void lowered_tell(const struct lowered *lowered, const struct lower_dialect *dialect,
                  struct diagnostics *diagnostics)
{
    struct text name = lower_dialect_name(dialect);
    const struct document *document;
    struct diagnostic *told;
    size_t said = 0;
    uint32_t cell;

    if (lowered->form == NULL) {
        cell = lowered->reason_cell == CELL_NONE ? lowered->schema->root : lowered->reason_cell;
        document = schema_origin(lowered->schema, cell, &cell);
        told = diagnose(diagnostics, document, cell, DIAGNOSTIC_W0203,
                        "%.*s's structured output cannot express the schema: %.*s", TEXT_ARG(name),
                        TEXT_ARG(lowered->reason));
        diagnostic_hint(diagnostics, told,
                        "the model is asked for JSON only; the answer is still "
                        "checked against the whole schema");
        return;
    }
    for (size_t i = 0; i < lowered->drop_count; i++) {
        const struct lower_drop *it = &lowered->drops[i];

        if (it->implied || ++said > DROPS_TOLD)
            continue;
        document = schema_origin(lowered->schema, it->cell, &cell);
        told = diagnose(diagnostics, document, cell, DIAGNOSTIC_W0203,
                        "%.*s's structured output cannot say this: %.*s", TEXT_ARG(name),
                        TEXT_ARG(text_cut(it->says, 200)));
        diagnostic_hint(diagnostics, told,
                        it->described ? "it is said in the description, and still checked here"
                                      : "the model is asked for less than is accepted here");
    }
    if (said <= DROPS_TOLD)
        return;
    document = schema_origin(lowered->schema, lowered->schema->root, &cell);
    diagnose(diagnostics, document, cell, DIAGNOSTIC_W0203,
             "%.*s's structured output cannot say %zu more of the schema's keywords",
             TEXT_ARG(name), said - DROPS_TOLD);
}
