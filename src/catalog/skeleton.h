/* catalog/skeleton.h
 * Private to the catalog: a source file with places to be filled and parts that may be left out.
 *
 *     @@name@@        is replaced by the word of that name
 *     //@if name      or #@if name, as a line of its own: up to its `@end` only where the flag is
 *     //@end          set; they may stand within one another */
#pragma once
#include "base/buffer.h"

struct skeleton_word {
    const char *name;
    struct text value;
};
struct skeleton_flag {
    const char *name;
    bool set;
};
struct skeleton {
    const struct skeleton_word *words;
    size_t word_count;
    const struct skeleton_flag *flags;
    size_t flag_count;
};
/* The source is one of ours: a name that is not known is a CHECK. */
void skeleton_fill(const struct skeleton *skeleton, struct text source, struct buffer *out);
