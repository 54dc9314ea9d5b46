/* render/template_read.h
 * Private to render: from a template's text to its pieces, and what they name checked. */
#pragma once
#include "render/template_problem.h"

enum { SECTIONS_DEPTH_MAX = 32, STEPS_MAX = 32 /* of one path */ };

/* Reads origin->text into pieces. False when something was reported; then *out_usable says whether
 * its sections are whole, so that names in them may still be checked. */
bool template_read(const struct template_origin *origin, struct arena *arena, struct template *out,
                   bool *out_usable);
/* Whether a byte may stand in a name. */
bool template_name_byte(char byte);

/* Reads the tag at tag->start, whose delimiters are given; false when it is not closed, with
 * tag->end where its text stops. */
bool template_tag_read(struct text source, struct template_tag *tag);
/* Whether the tag from *start to *end is alone on its line; then moves them over the blanks around
 * it and the end of line. */
bool template_tag_alone(struct text source, size_t *start, size_t *end);

/* Looks up every name of the template in what `use` says, through its partials, and gives the
 * partials that it needs. */
bool template_check(const struct template_origin *origin, const struct template_use *use,
                    struct arena *arena, struct template *template);
