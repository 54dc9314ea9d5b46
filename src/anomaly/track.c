#include "anomaly/track.h"

enum track_turn track_look(struct track *track, bool strange)
{
    track->strange = strange ? track->strange + 1 : 0;
    track->usual = strange ? 0 : track->usual + 1;
    if (!track->open && track->strange >= TRACK_BEGINS_AFTER) {
        track->open = true;
        return TRACK_BEGINS;
    }
    if (track->open && track->usual >= TRACK_ENDS_AFTER) {
        track->open = false;
        return TRACK_ENDS;
    }
    return TRACK_STAYS;
}
