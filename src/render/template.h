/* render/template.h
 * Prompt templates: Mustache's core (variables, sections, inverted sections, comments, partials,
 * other delimiters), compiled at load into a flat program. Values are put in as they are (strings)
 * or as compact JSON (everything else) and never read again as template. There is no escaping: the
 * result is text, not HTML, so {{name}}, {{{name}}} and {{&name}} are the same. Lambdas,
 * inheritance and dynamic names are refused with a diagnostic that says so, as are malformed tags.
 */
#pragma once
#include "base/buffer.h"
#include "base/error.h"
#include "document/diagnostic.h"
#include "document/document.h"
#include "schema/schema.h"

struct partial;
struct partials;

enum template_piece_kind {
    PIECE_TEXT,     /* `text` as it is */
    PIECE_VALUE,    /* what its path leads to */
    PIECE_SECTION,  /* the pieces behind it, once for each item or once for what is not false */
    PIECE_INVERTED, /* the pieces behind it, if there is nothing */
    PIECE_PARTIAL   /* another template */
};
/* Where the path of a value, a section or an inverted section begins. */
enum template_piece_from {
    FROM_SCOPES,  /* at the innermost value that has a member of that name */
    FROM_CURRENT, /* {{.}}: at the innermost value itself, and ends there */
    FROM_INPUT    /* {{input}}: it is the whole input */
};
struct template_piece {
    uint8_t kind;             /* enum template_piece_kind */
    uint8_t from;             /* enum template_piece_from */
    bool line_start;          /* it is the first of its line: behind an indentation from outside */
    bool alone;               /* a partial on a line of its own, which `text` indents */
    uint32_t inside;          /* so many pieces behind it are those of the section */
    uint32_t step_count;      /* of a path */
    const struct text *steps; /* {"customer", "name"}; of a partial its name */
    struct text text;
    struct partial *partial;
};
/* A zeroed template is empty and renders nothing. */
struct template
{
    struct template_piece *pieces;
    size_t count;
    struct partial *const *partials; /* that it needs, directly or not; each once, by name */
    size_t partial_count;
};

/* What templates of one endpoint are compiled against. */
struct template_use {
    const struct schema
        *input; /* NULL: {{input}} alone is known, and {{message}}, the caller's text */
    struct partials *partials; /* NULL: there are none */
    bool variables;            /* the schema was made of these */
    struct text file;          /* of the endpoint, for messages about its partials */
};

/* Compiles the string cell `at`. A name that no value around it may have, as the input schema says,
 * is an error with its place and the nearest known one; in a partial, of the partial in this use.
 * The template keeps nothing of the document, but the partials. Returns false when there was an
 * error, or when a partial it needs was refused. */
bool template_compile(const struct document *document, uint32_t at, const struct template_use *use,
                      struct arena *arena, struct diagnostics *diagnostics, struct template *out);

/* Bounds of one rendering: bytes beyond the size of the input, steps (pieces, items, and members of
 * objects that were looked through), partials and sections within one another. */
enum { RENDERED_BYTES_MAX = 4 << 20, RENDER_STEPS_MAX = 1 << 19, RENDER_DEPTH_MAX = 128 };
/* Appends the rendered text. `input` is the input document and `at` its root cell in it. A variable
 * that is absent or null renders as nothing; {{message}} of an input that is no object is that
 * input. False with ERROR_TEMPLATE_ERROR, and a part of the text appended, beyond the bounds. */
bool template_render(const struct template *template, const struct document *input, uint32_t at,
                     struct buffer *out, struct error *err);
