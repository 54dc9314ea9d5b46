/* render/partials.h
 * The partials of a configuration: templates under a name that others put in with {{>name}}. They
 * may name each other in any order; what is said about names in them depends on who uses them. */
#pragma once
#include "render/template_problem.h"

struct partial {
    struct text name;
    struct template_origin origin; /* its document is kept */
    struct template template;
    bool refused;    /* reported already */
    bool used;       /* by an endpoint, directly or not */
    bool walking;    /* private to partials.c: it is being looked at ... */
    uint32_t height; /* ... and holds so many others within one another, whatever the input is */
};
enum { PARTIALS_MAX = 1000 };
struct partials {
    struct partial *items; /* by name, once linked */
    size_t count;          /* at most PARTIALS_MAX */
};

/* Reads a partial of that name from a document that is one string, and which is kept. Fills *out,
 * also when it is refused. */
void partial_read(struct text name, const struct document *document, struct arena *arena,
                  struct diagnostics *diagnostics, struct partial *out);
/* Once all are read: sorts them by name, finds what they name, and refuses those that include
 * themselves without end. */
void partials_link(struct partials *partials, struct arena *arena);
/* By name, or NULL. */
struct partial *partials_find(const struct partials *partials, struct text name);
/* Finds the partials that a template names; false when one is not there, which is reported. */
bool template_link(const struct template_origin *origin, struct template *template,
                   const struct partials *partials, struct arena *arena);
