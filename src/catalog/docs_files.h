/* catalog/docs_files.h
 * The docs page: static files inside the program, the same for everybody. */
#pragma once
#include "base/text.h"

struct docs_file {
    struct text path; /* "/docs/" */
    struct text type; /* media type */
    struct text body;
};
/* The i-th of them; false behind the last. */
bool docs_file_at(unsigned i, struct docs_file *out);
