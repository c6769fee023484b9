"""Label groups of any pictures: tables and folders of labelled images, answers for files, comparisons."""
