#include "domain/points/points.h"
static const Route routes[] = {
    { "GET", "/v1/points", "Read", WHO_STAFF, "points.read", 0, 0, 0, 0, 0 },
    { "POST", "/v1/points", "Earn", WHO_STAFF, "earnpoints", 0, 0, 0, 0, 0 }, /* !route */
    { "POST", "/v1/points/a", "Earn", WHO_POS, NULL, 0, 0, 0, 0, 0 }, /* !route */
    { "POST", "/v1/points/b", "Earn", WHO_STAFF, "nobody.earn", 0, 0, 0, 0, 0 }, /* !route */
    { "GET", "/v1/my-points", "Mine", WHO_MEMBER, NULL, 0, 0, 0, 0, 0 },
};

const Slice points_slice = { /* !hooks */
    .name = "points",
    .merge = points_merge, .unmerge = points_unmerge, .erase = points_erase,
};
