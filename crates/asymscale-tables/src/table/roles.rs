//! What columns of training runs and of counts can hold, and how public tables call it.

use crate::table::names::Role;

/// N: parameters of the model.
pub(crate) const FEATURES: Role = Role {
    what: "N (parameters)",
    flag: "--features-column",
    title: "N",
    titles: &[
        "n",
        "params",
        "parameters",
        "nparams",
        "numparams",
        "modelsize",
        "size",
        "modelparams",
        "parametercount",
        "paramcount",
    ],
    words: &["param", "params", "parameter", "parameters", "nparams", "numparams"],
    excluded: &[
        "unique",
        "per",
        "std",
        "err",
        "error",
        "efficiency",
        "bytes",
        "id",
        "frac",
        "fraction",
        "ratio",
        "group",
        "groups",
    ],
};

/// D: tokens or examples trained on.
pub(crate) const SAMPLES: Role = Role {
    what: "D (tokens or examples)",
    flag: "--samples-column",
    title: "D",
    titles: &[
        "d",
        "tokens",
        "traintokens",
        "trainingtokens",
        "totaltokens",
        "ntokens",
        "numtokens",
        "samples",
        "examples",
        "datasetsize",
        "datasize",
    ],
    words: &["token", "tokens", "samples", "examples", "ntokens", "numtokens"],
    excluded: &[
        "unique",
        "per",
        "sec",
        "second",
        "rate",
        "batch",
        "vocab",
        "context",
        "seq",
        "length",
        "id",
        "ids",
        "top",
        "frac",
        "fraction",
        "ratio",
        "loss",
        "eval",
        "val",
        "validation",
        "test",
        "max",
        "loss",
    ],
};

/// The loss.
pub(crate) const LOSS: Role = Role {
    what: "the loss",
    flag: "--loss-column",
    title: "loss",
    titles: &[],
    words: &["loss", "losses", "nll", "xent", "crossentropy", "entropy", "ce"],
    excluded: &[
        "aux",
        "auxiliary",
        "load",
        "balance",
        "balancing",
        "router",
        "std",
        "stderr",
        "se",
        "sem",
        "var",
        "err",
        "error",
        "lower",
        "lower95",
        "upper",
        "upper95",
        "low",
        "high",
        "ci",
        "scale",
        "delta",
        "diff",
        "id",
    ],
};

/// Words of titles that speak of compute and are no total of it.
const NO_COMPUTE: &[&str] = &[
    "per",
    "s",
    "sec",
    "second",
    "util",
    "utilization",
    "mfu",
    "throughput",
    "hours",
    "id",
    "efficiency",
];

/// C: operations spent on training.
pub(crate) const COMPUTE: Role = Role {
    what: "C (compute)",
    flag: "--compute-column",
    title: "C",
    titles: &["c", "flop", "flops", "compute", "computebudget", "budget"],
    words: &["flop", "flops", "compute"],
    excluded: NO_COMPUTE,
};

/// In how many samples a feature was active.
pub(crate) const COUNT: Role = Role {
    what: "the counts",
    flag: "--count-column",
    title: "count",
    titles: &[
        "count",
        "counts",
        "n",
        "freq",
        "frequency",
        "frequencies",
        "occurrences",
        "occurrence",
        "hits",
        "activations",
        "nactive",
        "numactive",
        "activecount",
        "firings",
        "abundance",
        "value",
        "cnt",
    ],
    words: &["count", "counts", "frequency", "occurrences"],
    excluded: &["log", "log10", "sparsity", "rel", "relative", "rank", "id"],
};

/// The count that many features have, in a table of frequencies of frequencies.
pub(crate) const TIMES: Role = Role {
    what: "the counts that features share",
    flag: "--count-column",
    title: "count",
    titles: &[
        "count",
        "counts",
        "k",
        "j",
        "times",
        "index",
        "occurrences",
        "abundance",
        "frequency",
        "freq",
    ],
    words: &[],
    excluded: &[],
};

/// Shares of the samples in which a feature was active.
pub(crate) const DENSITY: Role = Role {
    what: "the densities",
    flag: "--count-column",
    title: "density",
    titles: &[
        "density",
        "densities",
        "frequency",
        "freq",
        "firingrate",
        "sparsity",
        "featuredensity",
        "featuresparsity",
        "share",
        "probability",
        "p",
    ],
    words: &["density", "frequency", "sparsity", "firing"],
    excluded: &["rank", "id"],
};

/// How many features have a count.
pub(crate) const NUMBER: Role = Role {
    what: "the number of features",
    flag: "--features-column",
    title: "features",
    titles: &[
        "features",
        "nfeatures",
        "numfeatures",
        "numberoffeatures",
        "featurecount",
        "species",
        "frequency",
    ],
    words: &[],
    excluded: &[],
};

/// The mean square of a feature.
pub(crate) const MOMENT: Role = Role {
    what: "the second moments",
    flag: "--moment-column",
    title: "moment",
    titles: &[],
    words: &[],
    excluded: &[],
};

/// The sample in which an event happened.
pub(crate) const SAMPLE: Role = Role {
    what: "the samples",
    flag: "--sample-column",
    title: "sample",
    titles: &[],
    words: &[],
    excluded: &[],
};

/// The feature that was active in an event.
pub(crate) const FEATURE: Role = Role {
    what: "the features",
    flag: "--feature-column",
    title: "feature",
    titles: &[],
    words: &[],
    excluded: &[],
};

/// Rows with correlated errors.
pub(crate) const GROUP: Role = Role {
    what: "the groups",
    flag: "--group-column",
    title: "group",
    titles: &[],
    words: &[],
    excluded: &[],
};

/// What rows are chosen by.
pub(crate) const FILTER: Role = Role {
    what: "the rows",
    flag: "--filter-column",
    title: "filter",
    titles: &[],
    words: &[],
    excluded: &[],
};

/// Titles of a column of names.
pub(crate) const NAME: Role = Role {
    what: "names",
    flag: "",
    title: "name",
    titles: &[
        "name",
        "feature",
        "featureid",
        "featureidx",
        "featureindex",
        "word",
        "token",
        "term",
        "ngram",
        "species",
        "id",
        "idx",
        "expert",
        "key",
    ],
    words: &[],
    excluded: &[],
};

/// Tokens that differ from one another.
pub(crate) const UNIQUE: Role = Role {
    what: "unique tokens or examples",
    flag: "--unique-column",
    title: "unique",
    titles: &["uniquetokens", "uniqued", "uniquesamples", "uniqueexamples", "du", "tokensunique"],
    words: &["unique"],
    excluded: &["id", "ids", "params", "parameters", "name", "frac", "fraction", "ratio"],
};

/// How often the data were seen.
pub(crate) const EPOCHS: Role = Role {
    what: "epochs",
    flag: "--epochs-column",
    title: "epochs",
    titles: &["epoch", "nepochs", "numepochs", "repeats", "passes"],
    words: &["epoch", "epochs"],
    excluded: &["loss", "id", "max", "time", "seconds", "per"],
};

/// The compute that runs were planned for.
pub(crate) const BUDGET: Role = Role {
    what: "budgets",
    flag: "--budget-column",
    title: "budget",
    titles: &["c", "flop", "flops", "compute", "computebudget", "flopbudget", "budgets", "isoflop"],
    words: &["budget", "flop", "flops", "compute"],
    excluded: NO_COMPUTE,
};

/// Parameters that are active for a token.
pub(crate) const ACTIVE: Role = Role {
    what: "active parameters",
    flag: "--active-column",
    title: "active",
    titles: &["activeparams", "activeparameters", "nactive", "activated", "activatedparams"],
    words: &["active", "activated"],
    excluded: &["id", "ratio", "frac", "fraction", "experts", "expert", "time"],
};

/// The kinds of runs.
pub(crate) const LABEL: Role =
    Role { what: "kinds of runs", flag: "--by", title: "", titles: &[], words: &[], excluded: &[] };
