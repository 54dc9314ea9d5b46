/* render/template_problem.h
 * Private to render: what is said about a template that is refused. */
#pragma once
#include "render/template.h"

/* Where a template was written, and what its variables are looked up in. */
struct template_origin {
    const struct document *document;
    uint32_t cell;
    struct text text; /* of the cell, or a copy: same bytes, same offsets */
    const struct schema *input;
    struct diagnostics *diagnostics;
};

/* A tag as it stands in the source: {{ from `start` up to `end`, just behind its }}. */
struct template_tag {
    size_t start, end;
    char sigil;        /* what kind it is; 0: a variable */
    struct text inner; /* without braces, sigil and spaces */
};

/* Whether a byte behind {{ makes the tag one of those Mustache has and this version does not. */
bool template_sigil_refused(char sigil);

/* Each adds one diagnostic. `tag` lies in origin->text, and so do steps. */
void template_refuse_feature(const struct template_origin *origin, const struct template_tag *tag);
/* What a variable's tag holds is no name or path. */
void template_refuse_name(const struct template_origin *origin, const struct template_tag *tag);
/* The tag is not closed; tag->end is where its text stops. */
void template_refuse_open(const struct template_origin *origin, const struct template_tag *tag);
/* The path leads nowhere in origin->input, or there is no schema to look it up in. */
void template_refuse_unknown(const struct template_origin *origin, const struct text *steps,
                             size_t count);
