"""The peer: a plain Flask application that does what the course application does.

It saves an upload, makes it gray, stretches it to 300 by 300 pixels, and records both in SQLite.
"""

import sqlite3
import sys
import uuid
from pathlib import Path
from typing import Any

import cv2
from flask import Flask, jsonify, request
from werkzeug.utils import secure_filename

folder = Path(sys.argv[1])
uploads, processed, database = folder / "uploads", folder / "processed", folder / "images.db"
app = Flask(__name__)


def connect() -> sqlite3.Connection:
    return sqlite3.connect(database, timeout=30)


@app.post("/upload")
def upload() -> Any:  # noqa: ANN401
    file = request.files["file"]
    name = f"{uuid.uuid4().hex}-{secure_filename(file.filename or 'x.jpg')}"
    original, result = uploads / name, processed / name
    file.save(original)
    pixels = cv2.imread(str(original))
    assert pixels is not None
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    cv2.imwrite(str(result), cv2.resize(gray, (300, 300)))
    row = (name, original.stat().st_size, result.stat().st_size, request.form.get("description", ""))
    db = connect()
    with db:
        db.execute("INSERT INTO images VALUES (?, ?, ?, ?, datetime('now'))", row)
    db.close()
    return jsonify(name=name)


if __name__ == "__main__":
    uploads.mkdir(parents=True)
    processed.mkdir()
    with connect() as created:
        created.execute("CREATE TABLE images (name, original_size, processed_size, description, uploaded)")
    app.run(port=int(sys.argv[2]), threaded=True)
