/* anomaly/track.h
 * When what is strange is worth a note, and when that is over: it has to be so twice in a row, and
 * not to be so three times. A zeroed track has seen nothing. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { TRACK_BEGINS_AFTER = 2, TRACK_ENDS_AFTER = 3 };

struct track {
    uint32_t strange, usual; /* looks in a row */
    bool open;
};
enum track_turn { TRACK_STAYS, TRACK_BEGINS, TRACK_ENDS };
/* What one more look makes of it. */
enum track_turn track_look(struct track *track, bool strange);
