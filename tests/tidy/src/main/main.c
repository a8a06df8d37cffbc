#include "domain/points/points.h"
/* kept in /home/somebody/keys !place */
static const char key[] = "AKIAABCDEFGHIJKLMNOP"; /* !secret */
