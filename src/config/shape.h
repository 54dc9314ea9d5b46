/* config/shape.h
 * JSON Schemas of the files that authors write, made of the tables that read them: for editors, and
 * for other tools. They use only keywords that draft-07 and 2020-12 share. What a schema refuses
 * the loader refuses too; the loader also sees what no schema can say. */
#pragma once
#include "base/buffer.h"

enum shape_file { SHAPE_ENDPOINT, SHAPE_ROUTING, SHAPE_TESTS, SHAPE_CONFIG, SHAPE_FILE_COUNT };
/* "endpoint", "routing", "tests", "config". */
const char *shape_file_name(enum shape_file file);
/* The schema's `$id`. */
const char *shape_file_id(enum shape_file file);
/* Appends the schema as JSON for people, with a line break at its end. */
void shape_write(enum shape_file file, struct buffer *out);
