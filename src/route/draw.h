/* route/draw.h
 * A lot that is drawn once and for ever: who gets which share of traffic. The same on every machine
 * and after every restart, so that a caller stays where it was drawn. */
#pragma once
#include "base/text.h"

enum { ROUTE_DRAWS = 10000 }; /* hundredths of a percent */

/* What a rule's lots are drawn with: rules of different names draw independently of each other. */
uint64_t route_draw_salt(struct text rule);
/* From 0 to ROUTE_DRAWS - 1, each as likely as the others. One number stands for a share whatever
 * its size: whoever is in at 5 percent is in at 10. Endpoints draw independently too. */
uint32_t route_draw(uint64_t salt, struct text endpoint, struct text who);
