/* gateway/old_version_make.h
 * Private to old_versions.c: a version of an endpoint is made of its history. */
#pragma once
#include "config/version_name.h"
#include "gateway/gateway.h"

/* Gives a configuration with that endpoint alone, the settings of `current`, and the limits and
 * budget that the endpoint has there; or NULL with *err: ERROR_VERSION_NOT_FOUND, or what the store
 * says. Waits for the store. */
struct shared_config *old_version_make(struct gateway *gateway, const struct config *current,
                                       const struct version_name *name, struct error *err);
