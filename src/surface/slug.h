/* surface/slug.h
 * Private to slug*.c: the surface of slugs. */
#pragma once
#include "surface/surface.h"

/* slug_read.c */
bool slug_read(struct body_reader *reader);
