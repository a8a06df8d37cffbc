/* inner - private to the folder. */
#pragma once
