/* demo/demo_pattern.h
 * A text that a regular expression is likely to match. Private to the demo provider. */
#pragma once
#include "base/buffer.h"

/* Appends a sample for the pattern (ECMA-262 as JSON Schema uses it) to *out. `variant` chooses
 * among alternatives, repetition counts and characters: 0 gives the shortest of the first
 * alternatives. False when the pattern is beyond this (references to groups, malformed, more than
 * 4 KiB); what was appended is then taken back. Look-around and word boundaries are passed over, so
 * the caller checks what it gets. */
bool demo_pattern(struct text pattern, unsigned variant, struct buffer *out);
