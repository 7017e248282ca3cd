from balie.consult.protocol.tests.vectors.all import files
from balie.consult.protocol.tests.vectors.maker import FOLDER

if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
