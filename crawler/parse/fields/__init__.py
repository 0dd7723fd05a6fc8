"""What a page says beside its text: title, authors, dates, pictures, labels, language, rights, access."""
