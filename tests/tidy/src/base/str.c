#include "base/str.h"
#include "base/inner.h"
#include "app/app.h" /* !floor */
#include "base/nowhere.h" /* !floor */
static int64_t calls; /* !static */
static const char *name = "x"; /* !static */
static const char *const fixed[] = { "x" };
static const int64_t sizes[3] = { 1, 2, 3 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* !static */
static int64_t twice(int64_t x) { return 2 * x; }
