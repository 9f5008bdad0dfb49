"""The tables of the read file.

What changes with time has its current row in one table and its former ones, each with the positions
between which it held (`since` or `changed_at` <= P < `until`), in a table of the same name with `past`
before it: so the present is as small as if there were no past, and any moment is found by looking.
"""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS checkpoint (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    position   INTEGER NOT NULL,
    store_id   TEXT    NOT NULL,
    projection TEXT    NOT NULL,
    tables     TEXT    NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS unknown_events (
    type           TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    count          INTEGER NOT NULL,
    PRIMARY KEY (type, schema_version)
) STRICT, WITHOUT ROWID;

-- state: 0 active, 1 deleted, 2 erased, 3 active again; apart, so that who asks for images that were
-- deleted once need not look at those that never were
CREATE TABLE IF NOT EXISTS images (
    position     INTEGER PRIMARY KEY,
    image_id     TEXT    NOT NULL UNIQUE,
    owner        TEXT    NOT NULL,
    uploaded_by  TEXT    NOT NULL,
    uploaded_at  INTEGER NOT NULL,
    sha256       TEXT    NOT NULL,
    byte_size    INTEGER NOT NULL,
    media_type   TEXT    NOT NULL,
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    orientation  INTEGER NOT NULL,
    frames       INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    descriptions TEXT    NOT NULL,
    tags         TEXT    NOT NULL,
    edits        TEXT    NOT NULL,
    recipe       TEXT    NOT NULL,
    text_since   INTEGER NOT NULL,
    examined_at  INTEGER,
    taken_at     INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS images_by_uploaded_at ON images (owner, state, uploaded_at, position);
CREATE INDEX IF NOT EXISTS images_by_name        ON images (owner, state, name, position);
CREATE INDEX IF NOT EXISTS images_by_width       ON images (owner, state, width, position);
CREATE INDEX IF NOT EXISTS images_by_height      ON images (owner, state, height, position);
CREATE INDEX IF NOT EXISTS images_by_byte_size   ON images (owner, state, byte_size, position);
CREATE INDEX IF NOT EXISTS images_by_taken_at    ON images (owner, state, taken_at, position);
CREATE INDEX IF NOT EXISTS images_by_examined_at ON images (owner, state, examined_at, position)
    WHERE taken_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS images_by_sha256      ON images (sha256);

CREATE INDEX IF NOT EXISTS images_gone           ON images (owner, state, changed_at) WHERE state IN (1, 2);

-- at the position since which the original is not decoded any more
CREATE TABLE IF NOT EXISTS quarantines (
    image_id TEXT    NOT NULL PRIMARY KEY,
    since    INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    message  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS past_images (
    changed_at   INTEGER PRIMARY KEY,
    until        INTEGER NOT NULL,
    image        INTEGER NOT NULL,
    owner        TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    descriptions TEXT    NOT NULL,
    tags         TEXT    NOT NULL,
    edits        TEXT    NOT NULL,
    recipe       TEXT    NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS past_images_by_image ON past_images (image, until);
CREATE INDEX IF NOT EXISTS past_images_by_name  ON past_images (owner, state, name, image, until);

CREATE TABLE IF NOT EXISTS image_tags (
    tag   TEXT    NOT NULL,
    image INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (tag, image)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS past_image_tags (
    tag   TEXT    NOT NULL,
    image INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (tag, image, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS past_image_tags_by_image ON past_image_tags (image);

CREATE VIRTUAL TABLE IF NOT EXISTS image_text USING fts5 (body, tokenize = 'trigram');

-- past_image_text has its rows under `since`
CREATE TABLE IF NOT EXISTS past_texts (
    since INTEGER PRIMARY KEY,
    until INTEGER NOT NULL,
    image INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS past_texts_by_image ON past_texts (image, until);
CREATE VIRTUAL TABLE IF NOT EXISTS past_image_text USING fts5 (body, tokenize = 'trigram');

-- edits: the image's own part of the recipe, in the form of images.recipe; manner: what a preset, or whatever
-- else was asked for, adds to it; until: where what had failed was requested again, in a row of its own
CREATE TABLE IF NOT EXISTS renditions (
    image_id        TEXT    NOT NULL,
    rendition_id    TEXT    NOT NULL,
    requested       INTEGER NOT NULL,
    until           INTEGER NOT NULL,
    started         INTEGER,
    settled         INTEGER,
    version         INTEGER NOT NULL,
    correlation_id  TEXT    NOT NULL,
    preset          TEXT    NOT NULL,
    preset_version  INTEGER NOT NULL,
    engine          TEXT    NOT NULL,
    manner          TEXT    NOT NULL,
    recipe          TEXT    NOT NULL,
    edits           TEXT    NOT NULL,
    output          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    sha256          TEXT,
    byte_size       INTEGER,
    media_type      TEXT    NOT NULL,
    width           INTEGER,
    height          INTEGER,
    failure_code    TEXT,
    failure_message TEXT,
    PRIMARY KEY (image_id, rendition_id, until)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS renditions_pending
    ON renditions (requested) WHERE state IN ('PENDING', 'RENDERING');
CREATE INDEX IF NOT EXISTS renditions_by_sha256 ON renditions (sha256) WHERE sha256 IS NOT NULL;

-- state: PENDING, RUNNING, DONE, FAILED; what was found is there when it is DONE, and goes with the image
CREATE TABLE IF NOT EXISTS examinations (
    image           INTEGER PRIMARY KEY,
    image_id        TEXT    NOT NULL UNIQUE,
    correlation_id  TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    settled         INTEGER,
    pixel_hash      TEXT,
    perceptual_hash INTEGER,
    camera          TEXT,
    findings        TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS examinations_pending ON examinations (image) WHERE state IN ('PENDING', 'RUNNING');
CREATE INDEX IF NOT EXISTS examinations_by_pixel_hash ON examinations (pixel_hash)
    WHERE pixel_hash IS NOT NULL;

CREATE TABLE IF NOT EXISTS albums (
    position    INTEGER PRIMARY KEY,
    album_id    TEXT    NOT NULL UNIQUE,
    owner       TEXT    NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    size        INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS albums_by_owner ON albums (owner, position);

CREATE TABLE IF NOT EXISTS past_albums (
    changed_at  INTEGER PRIMARY KEY,
    until       INTEGER NOT NULL,
    album       INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    size        INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS past_albums_by_album ON past_albums (album, until);

-- Ranks leave gaps, so that an image comes between others without their being touched.
CREATE TABLE IF NOT EXISTS album_images (
    album    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    rank     INTEGER NOT NULL,
    image_id TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (album, until, rank)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS album_images_by_image ON album_images (album, image_id);

CREATE TABLE IF NOT EXISTS presets (
    preset_id   TEXT    NOT NULL,
    since       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    owner       TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    recipe      TEXT    NOT NULL,
    media_type  TEXT,
    quality     INTEGER,
    lossless    INTEGER NOT NULL,
    background  TEXT,
    PRIMARY KEY (preset_id, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS presets_by_owner ON presets (owner, until, name);

-- how the version that images show makes renditions of originals of each type
CREATE TABLE IF NOT EXISTS shown_presets (
    owner      TEXT    NOT NULL,
    preset     TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    manner     TEXT    NOT NULL,
    PRIMARY KEY (owner, preset, media_type, until)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shown_presets_by_manner ON shown_presets (owner, media_type, manner, until);

CREATE TABLE IF NOT EXISTS operations (
    position     INTEGER PRIMARY KEY,
    operation_id TEXT    NOT NULL UNIQUE,
    owner        TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    started_by   TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    action       TEXT    NOT NULL,
    undoes       TEXT    NOT NULL,
    total        INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    unchanged    INTEGER NOT NULL,
    refused      INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    state        TEXT    NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS operations_running
    ON operations (position) WHERE state IN ('RUNNING', 'CANCELLING');

CREATE TABLE IF NOT EXISTS operation_images (
    operation INTEGER NOT NULL,
    image     INTEGER NOT NULL,
    PRIMARY KEY (operation, image)
) STRICT, WITHOUT ROWID;

-- purged, and not known to be erased
CREATE TABLE IF NOT EXISTS erasures (
    purged_at      INTEGER PRIMARY KEY,
    kind           TEXT    NOT NULL,
    thing_id       TEXT    NOT NULL,
    owner          TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    correlation_id TEXT    NOT NULL,
    UNIQUE (kind, thing_id)
) STRICT;
"""

ACTIVE: Final = 0
DELETED: Final = 1
ERASED: Final = 2
RESTORED: Final = 3

PRESENT: Final = 2**63 - 1
"""`until` of what holds now."""
