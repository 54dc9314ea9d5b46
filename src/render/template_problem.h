/* render/template_problem.h
 * Private to render: what is said about a template that is refused. */
#pragma once
#include "render/template.h"

/* Where a template was written. */
struct template_origin {
    const struct document *document;
    uint32_t cell;
    struct text text; /* of the cell, or a copy: same bytes, same offsets */
    struct diagnostics *diagnostics;
};

/* A tag as it stands in the source: from its opening delimiter at `start` up to `end`, just behind
 * its closing one. */
struct template_tag {
    size_t start, end;
    char sigil;              /* what kind it is; 0: a variable */
    struct text inner;       /* without delimiters, sigil and spaces */
    struct text open, close; /* the delimiters */
};

/* The tag's text in the source. */
struct text template_tag_text(const struct template_origin *origin, const struct template_tag *tag);
/* Whether a byte makes the tag one of those of Mustache that there are not here. */
bool template_sigil_refused(char sigil);

/* Each adds one diagnostic. `tag` lies in origin->text, and so do steps. */
void template_refuse_feature(const struct template_origin *origin, const struct template_tag *tag);
void template_refuse_dynamic(const struct template_origin *origin, const struct template_tag *tag);
/* What a variable's tag holds is no name or path. */
void template_refuse_name(const struct template_origin *origin, const struct template_tag *tag);
void template_refuse_partial_name(const struct template_origin *origin,
                                  const struct template_tag *tag);
/* The tag is not closed; tag->end is where its text stops. */
void template_refuse_open(const struct template_origin *origin, const struct template_tag *tag);
void template_refuse_delimiters(const struct template_origin *origin,
                                const struct template_tag *tag);
/* A section without its end; an end without its section, or that of `open`; one too deep. */
void template_refuse_unended(const struct template_origin *origin, const struct template_tag *open);
void template_refuse_end(const struct template_origin *origin, const struct template_tag *tag,
                         const struct template_tag *open);
void template_refuse_depth(const struct template_origin *origin, const struct template_tag *tag);

/* A path that leads nowhere: its first `good` steps lead to a place where `names` are known. */
struct template_unknown {
    const struct text *steps;
    size_t count, good;
    const struct text *names;
    size_t name_count;
    bool schemed;     /* there is an input schema ... */
    bool variables;   /* ... made of variables */
    bool list;        /* the place is a list whose items have the next step */
    struct text user; /* the endpoint's file, where it is not the template's own; or empty */
};
void template_refuse_unknown(const struct template_origin *origin,
                             const struct template_unknown *unknown);
/* There is no partial of that name; `names` are those there are. */
void template_refuse_partial(const struct template_origin *origin, struct text name,
                             const struct text *names, size_t count);
/* The partial at `name` includes itself, by way of `path`, whatever the input is. */
void template_refuse_cycle(const struct template_origin *origin, struct text name,
                           struct text path);
/* The partial at `name` completes a chain of too many within one another. */
void template_refuse_nesting(const struct template_origin *origin, struct text name);
