/* command/said.h
 * What people and models said, printed so that it cannot steer a terminal: of control characters
 * only line breaks and tabs are, the others by their numbers. */
#pragma once
#include "base/text.h"

#include <stdio.h>

/* As it is otherwise, without a line break of its own. */
void said_put(struct text text, FILE *stream);
/* Indented by four, so that nothing said looks like a line of ours, and a line break behind it. */
void said_print(struct text text, FILE *stream);
