package exchange

// HiddenFrom is the one question who may be told of an entity concerned.
var HiddenFrom = hiddenFrom
