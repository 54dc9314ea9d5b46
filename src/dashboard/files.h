/* dashboard/files.h
 * The dashboard's static files, inside the program: the page, its own scripts and styles, what they
 * stand on (Preact, htm, uPlot) and the licences of those. The same for everybody; nothing of them
 * says anything of this gateway. All but the page itself lie in a folder named by a hash of them
 * all, so that none of them ever changes under its name. */
#pragma once
#include "base/text.h"

struct dashboard_file {
    struct text path; /* "/dashboard/assets/0123456789abcdef/app.js" */
    struct text type; /* media type */
    struct text body;
    struct text gzip; /* the same, compressed; empty: it does not get smaller */
    struct text etag; /* strong, in quotes */
};
/* The i-th of them, of which the first is the page; NULL behind the last: a program that was built
 * without the dashboard has none. */
const struct dashboard_file *dashboard_file_at(size_t i);
/* By its path; NULL: there is none. */
const struct dashboard_file *dashboard_file_find(struct text path);
