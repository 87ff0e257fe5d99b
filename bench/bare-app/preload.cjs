'use strict'

// As empty as a preload script can be: the console has one too, so its context has to be made here as well.
