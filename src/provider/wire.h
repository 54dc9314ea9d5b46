/* provider/wire.h
 * The parts of a request that are alike in every dialect: its path, its header lines, and about how
 * large it is. */
#pragma once
#include "provider/dialect.h"

/* The provider's own path, `path` behind it, and its query if it has one: in the arena. */
struct text wire_path(const struct provider *provider, const char *path, struct arena *arena);
/* Adds "name: value\r\n"; an empty value adds nothing. CHECKs that the value cannot end its line: a
 * key that could was refused when it was loaded. `prefix` stands in front of it ("Bearer "). */
void wire_put_header(struct buffer *headers, const char *name, const char *prefix,
                     struct text value);
/* Adds a segment of a path, percent-encoded where it must be (RFC 3986 section 2.3): a model's name
 * does not end it. */
void wire_put_segment(struct buffer *path, struct text segment);
/* Header lines with the key, in `key_header` alone or (NULL) as a bearer token, and the type of the
 * body. */
struct text wire_headers(struct text key, const char *key_header, struct arena *arena);
/* Adds the output schema in words, for models that cannot be given it apart. In JSON mode the word
 * JSON must occur. */
void wire_put_instruction(struct buffer *text, const struct chat *chat);
/* Adds a tool as {"type": "function", "function": {...}}. */
void wire_put_function(struct buffer *body, const struct chat_tool *tool, bool strict);
/* Adds the schema of what a tool takes: of one that takes nothing, an object without members. */
void wire_put_parameters(struct buffer *body, const struct chat_tool *tool);
/* Adds the arguments of a call where they must be an object; what a model wrote that is none is
 * shown to it inside one. */
void wire_put_arguments(struct buffer *body, struct text arguments, struct arena *arena);
/* Adds where an image is, as a JSON string: its URL, or one that holds its data (RFC 2397). */
void wire_put_image_url(struct buffer *body, const struct chat_part *image);
/* Adds what the model is told of a tool's result, as a JSON string, where there is no other word
 * for a failure. */
void wire_put_result(struct buffer *body, const struct chat_part *result);
/* A first guess at the bytes of a body, so that it need not grow. */
size_t wire_body_bytes(const struct chat *chat);
