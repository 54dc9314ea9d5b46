/* config/shape_manual.h
 * Manual pages of the files that authors write, made of the tables that read them. */
#pragma once
#include "config/shape.h"

/* "pinion-endpoint" and the like: pages of section 5. */
const char *shape_manual_name(enum shape_file file);
/* One sentence without full stop. */
const char *shape_manual_summary(enum shape_file file);
/* Appends everything between the summary and SEE ALSO. */
void shape_manual_write(enum shape_file file, struct buffer *out);
