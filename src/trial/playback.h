/* trial/playback.h
 * A recording played in the place of providers: each request is answered by the first exchange that
 * was recorded for the very same one and has not been played yet. A request that was never recorded
 * is answered by nobody; what was expected in its place is kept. */
#pragma once
#include "trial/difference.h"
#include "trial/recording.h"

struct playback {
    struct tape tape;                  /* first */
    struct arena *arena;               /* kept */
    const struct recording *recording; /* kept; NULL: nothing was recorded */
    bool *played;                      /* one per exchange */
    size_t play_count;
    /* The first request that nothing was recorded for. */
    bool missed;
    struct text missed_provider;
    bool differs; /* from one that was: */
    struct difference difference;
};

void playback_init(struct playback *playback, const struct recording *recording,
                   struct arena *arena);
