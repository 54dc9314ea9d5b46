/* render/template.h
 * Prompt templates: literal text with {{name}}, {{a.b}} and {{input}}, compiled at load. Values are
 * put in as they are (strings) or as compact JSON (everything else) and never read again as
 * template. Also {{!comments}}. Every other Mustache tag is refused with a diagnostic that says so,
 * as are malformed ones. No escaping: the result is text, not HTML. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"
#include "document/document.h"
#include "schema/schema.h"

struct template_piece {
    struct text literal;      /* a piece is a literal, or, when step_count > 0, a variable */
    const struct text *steps; /* {"customer", "name"}; {"input"} is the whole input */
    size_t step_count;
};
/* A zeroed template is empty and renders nothing. */
struct template
{
    const struct template_piece *pieces;
    size_t count;
};

/* Compiles the string cell `at`. `input` is the endpoint's compiled input schema, or NULL when it
 * has none; then {{input}} alone is known, and `message` (the caller's text). A variable the schema
 * does not know is an error with its place and the nearest known name. A comment alone on its line
 * takes the line with it. The template keeps nothing of the document. Returns false when there was
 * an error. */
bool template_compile(const struct document *document, uint32_t at, const struct schema *input,
                      struct arena *arena, struct diagnostics *diagnostics, struct template *out);

/* Appends the rendered text. `input` is the input document and `at` its root cell in it. A variable
 * that is absent or null renders as nothing; {{message}} of an input that is no object is that
 * input. */
void template_render(const struct template *template, const struct document *input, uint32_t at,
                     struct buffer *out);
/* Bytes template_render would append at most: for limits before rendering. */
size_t template_rendered_bytes(const struct template *template, const struct document *input,
                               uint32_t at);
