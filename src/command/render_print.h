/* command/render_print.h
 * A request that rests behind its rendering, on standard output. Private to `pinion render`. */
#pragma once
#include <stdbool.h>

struct request;

/* For people: the target, the estimate, each message with its role. */
void render_print(struct request *request, bool color);
/* As one JSON document; with the provider's request where it is wanted. */
void render_print_json(struct request *request, bool provider_body);
/* The provider's request alone: request line, header fields, body. */
void render_print_body(struct request *request);
