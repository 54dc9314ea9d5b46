/* config/shape_parts.h
 * Private to shape: members of the JSON that is written. */
#pragma once
#include "base/buffer.h"
#include "config/keys.h"

/* "name": and the JSON as it is. */
void shape_put_raw(struct buffer *out, const char *name, const char *json);
/* "name": and a string. */
void shape_put_string(struct buffer *out, const char *name, const char *value);
/* "examples": and a list of the one that is written in YAML. */
void shape_put_example(struct buffer *out, const char *example);
/* What a schema for a mapping of those keys says beside its type. */
void shape_put_keys(struct buffer *out, const struct keys *keys);
/* "definitions": and those of routing, which refer to each other: rules, file. */
void shape_put_definitions(struct buffer *out);
