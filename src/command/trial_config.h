/* command/trial_config.h
 * A configuration for trials (trial/trial.h), read as `serve` would, and what may have to be known
 * of the place where it runs. */
#pragma once
#include "command/options.h"
#include "config/config.h"

enum trial_mode {
    TRIAL_OFFLINE, /* nothing will be sent: secrets need not be there */
    TRIAL_DEMO,    /* likewise, and the built-in demo answers for every provider */
    TRIAL_LIVE     /* providers will be called */
};

/* Says what is wrong and gives NULL when it cannot be used. TRIAL_LIVE needs PLACE_OPTIONS, and may
 * be read once (config_folder_vault). */
struct config *trial_config(const struct command_line *line, enum trial_mode mode);
/* The endpoint, or NULL after saying that there is none, with the nearest one. */
const struct endpoint *trial_endpoint(const struct command_line *line, const struct config *config,
                                      struct text slug);
