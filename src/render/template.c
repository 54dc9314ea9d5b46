/* Rendering walks the pieces once and appends: literals as they are, strings as they are, anything
 * else as compact JSON. Nothing that was appended is looked at again, so a value full of tags is
 * only text.
 *
 * The values that names are looked up in are a list of scopes from the innermost outwards, on the
 * stack; so is what indents a partial. Recursion is bounded by a depth, and since sections within
 * one another multiply, all that is done is counted. */
#include "render/template.h"

#include "document/json_write.h"
#include "render/partials.h"

enum { MEMBERS_A_STEP = 2 };

struct scope {
    const struct scope *outer; /* NULL: this is the input */
    uint32_t at;
};
struct indent {
    const struct indent *outer;
    struct text text;
};
struct rendering {
    const struct document *input;
    struct buffer *out;
    size_t bytes_max; /* of out */
    uint32_t steps;   /* left; 0: it was refused for them */
    uint32_t depth;
    const struct indent *indent; /* of the partial's lines */
    struct error *err;
};

/* --- bounds --- */

static bool refuse(const struct rendering *r, const char *what)
{
    error_set(r->err, ERROR_TEMPLATE_ERROR, NULL, "the endpoint's template %s", what);
    error_hint(r->err, "send a shorter input, or one with fewer items");
    return false;
}

static bool spend(struct rendering *r, uint32_t steps)
{
    if (r->steps <= steps) {
        r->steps = 0;
        return refuse(r, "takes too many steps with this input");
    }
    r->steps -= steps;
    return true;
}

/* Looked at behind each piece: a single value cannot be much larger than the input. */
static bool fits(const struct rendering *r)
{
    return r->out->len <= r->bytes_max || refuse(r, "makes too long a text of this input");
}

/* --- values --- */

/* The member of an object; CELL_NONE where there is none, or no object, or no step left. */
static uint32_t find_member(struct rendering *r, uint32_t at, struct text name)
{
    const struct cell *cell = document_cell(r->input, at);

    if (cell->type != CELL_OBJECT || !spend(r, cell->size / MEMBERS_A_STEP))
        return CELL_NONE;
    return document_member(r->input, at, name);
}

/* The value that a path's first step names: that of the innermost object with such a member, or
 * CELL_NONE. `message` of an input that is no object is that input: the caller's text came alone.
 */
static uint32_t find_first(struct rendering *r, struct text name, const struct scope *scope)
{
    for (; scope != NULL; scope = scope->outer) {
        uint32_t found = find_member(r, scope->at, name);

        if (found != CELL_NONE)
            return found;
        if (scope->outer == NULL && document_cell(r->input, scope->at)->type != CELL_OBJECT &&
            text_equal(name, TEXT("message")))
            return scope->at;
    }
    return CELL_NONE;
}

static const struct scope *outermost(const struct scope *scope)
{
    while (scope->outer != NULL)
        scope = scope->outer;
    return scope;
}

/* The cell a path leads to, or CELL_NONE. */
static uint32_t find_value(struct rendering *r, const struct template_piece *piece,
                           const struct scope *scope)
{
    uint32_t at;

    if (piece->from == FROM_CURRENT)
        return scope->at;
    if (piece->from == FROM_INPUT)
        return outermost(scope)->at;
    at = find_first(r, piece->steps[0], scope);
    for (uint32_t i = 1; i < piece->step_count && at != CELL_NONE; i++)
        at = find_member(r, at, piece->steps[i]);
    return at;
}

static void put_value(const struct rendering *r, uint32_t at)
{
    if (at == CELL_NONE || document_cell(r->input, at)->type == CELL_NULL)
        return;
    if (document_cell(r->input, at)->type == CELL_STRING)
        buffer_put(r->out, document_text(r->input, at));
    else
        json_put_cell(r->out, r->input, at);
}

/* Whether a section has nothing to show: as JavaScript has it, and for an empty list. */
static bool is_nothing(const struct rendering *r, uint32_t at)
{
    const struct cell *cell;

    if (at == CELL_NONE)
        return true;
    cell = document_cell(r->input, at);
    switch (cell->type) {
    case CELL_NULL:
        return true;
    case CELL_BOOLEAN:
        return !cell->boolean;
    case CELL_INTEGER:
        return cell->integer == 0;
    case CELL_NUMBER:
        return document_double(cell) == 0;
    case CELL_STRING:
    case CELL_ARRAY:
        return cell->size == 0;
    default:
        return false;
    }
}

/* --- lines --- */

static void put_indent(const struct rendering *r, const struct indent *indent)
{
    if (indent == NULL)
        return;
    put_indent(r, indent->outer);
    buffer_put(r->out, indent->text);
}

static void put_text(const struct rendering *r, struct text text)
{
    while (r->indent != NULL) {
        size_t line = text_find_byte(text, '\n') + 1;

        if (line >= text.len)
            break;
        buffer_put(r->out, text_first(text, line));
        put_indent(r, r->indent);
        text = text_after(text, line);
    }
    buffer_put(r->out, text);
}

/* --- pieces --- */

static bool run(struct rendering *r, const struct template_piece *pieces, size_t count,
                const struct scope *scope);

static bool run_deeper(struct rendering *r, const struct template_piece *pieces, size_t count,
                       const struct scope *scope)
{
    bool good;

    if (r->depth == RENDER_DEPTH_MAX)
        return refuse(r, "nests too deeply with this input");
    r->depth++;
    good = run(r, pieces, count, scope);
    r->depth--;
    return good;
}

static bool run_section(struct rendering *r, const struct template_piece *piece,
                        const struct scope *outer)
{
    uint32_t at = find_value(r, piece, outer), end;
    struct scope scope = {outer, at};

    if (is_nothing(r, at))
        return true;
    if (document_cell(r->input, at)->type != CELL_ARRAY)
        return run_deeper(r, piece + 1, piece->inside, &scope);
    end = document_next(r->input, at);
    for (scope.at = at + 1; scope.at < end; scope.at = document_next(r->input, scope.at))
        if (!spend(r, 1) || !run_deeper(r, piece + 1, piece->inside, &scope))
            return false;
    return true;
}

/* Lines of a partial that is in the middle of one are not indented: only the first could be, and
 * that has been begun. */
static bool run_partial(struct rendering *r, const struct template_piece *piece,
                        const struct scope *scope)
{
    const struct template *template = &piece->partial->template;
    const struct indent *outer = r->indent;
    struct indent indent = {outer, piece->text};
    bool good;

    if (!piece->alone)
        r->indent = NULL;
    else if (piece->text.len > 0)
        r->indent = &indent;
    good = run_deeper(r, template->pieces, template->count, scope);
    r->indent = outer;
    return good;
}

static bool run_piece(struct rendering *r, const struct template_piece *piece,
                      const struct scope *scope)
{
    if (piece->line_start)
        put_indent(r, r->indent);
    switch ((enum template_piece_kind)piece->kind) {
    case PIECE_TEXT:
        put_text(r, piece->text);
        return fits(r);
    case PIECE_VALUE:
        put_value(r, find_value(r, piece, scope));
        return fits(r);
    case PIECE_SECTION:
        return run_section(r, piece, scope);
    case PIECE_INVERTED:
        return !is_nothing(r, find_value(r, piece, scope)) ||
               run_deeper(r, piece + 1, piece->inside, scope);
    case PIECE_PARTIAL:
        return run_partial(r, piece, scope);
    }
    return true;
}

static bool run(struct rendering *r, const struct template_piece *pieces, size_t count,
                const struct scope *scope)
{
    for (size_t i = 0; i < count; i += 1 + pieces[i].inside)
        if (!spend(r, 1) || !run_piece(r, &pieces[i], scope))
            return false;
    return true;
}

bool template_render(const struct template *template, const struct document *input, uint32_t at,
                     struct buffer *out, struct error *err)
{
    const struct scope scope = {.at = at};
    struct rendering r = {.input = input,
                          .out = out,
                          .bytes_max = out->len + input->source.len + RENDERED_BYTES_MAX,
                          .steps = RENDER_STEPS_MAX,
                          .err = err};

    return run(&r, template->pieces, template->count, &scope) && r.steps > 0;
}
