package image

// VersionKey is the annotation and label with an image's version
// (https://github.com/opencontainers/image-spec/blob/main/annotations.md).
const VersionKey = "org.opencontainers.image.version"

// revisionKey is the annotation with the commit of an image.
const revisionKey = "org.opencontainers.image.revision"

// treeKey is the annotation and label with the hash of the git tree that an image was built from: the tree of a
// commit, with the version written into it.
const treeKey = "io.github.hughkantsime.odin-release.tree"
