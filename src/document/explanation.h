/* document/explanation.h
 * What each diagnostic means, at length: for `explain-code` and the documentation. */
#pragma once
#include "document/diagnostic.h"

/* `means` also says what to do. `wrong` is an example that is told exactly this, `right` the same
 * put right; each may be NULL where a folder of files cannot show it. An example is the end of an
 * endpoint's file that begins as explanation_begins says; or, when it starts with "# " and a path,
 * whole files, each behind such a line. */
struct explanation {
    const char *means, *wrong, *right;
};
const struct explanation *explanation_of(enum diagnostic_code code);
extern const char explanation_begins[];

/* Takes the next file off the front of *rest; false when there is none. */
bool explanation_file(struct text *rest, struct text *out_path, struct text *out_bytes);
